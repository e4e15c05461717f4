using System.Text.RegularExpressions;

namespace VoiceConsole.Engine.Speech.Reading;

/// <summary>Says dates, times, amounts and units of a Chinese sentence in characters, since voices read bare digits as they like. Everything else stays.</summary>
internal static partial class ChineseReading
{
    private static readonly Dictionary<string, string> s_units = new(StringComparer.Ordinal)
    {
        ["km/h"] = "公里每小时",
        ["km"] = "公里",
        ["kg"] = "公斤",
        ["cm"] = "厘米",
        ["mm"] = "毫米",
        ["m"] = "米",
        ["g"] = "克",
        ["ml"] = "毫升",
        ["mL"] = "毫升",
        ["L"] = "升",
        ["℃"] = "摄氏度",
        ["°C"] = "摄氏度",
        ["℉"] = "华氏度",
        ["°F"] = "华氏度",
    };

    private static readonly Dictionary<string, string> s_currencies = new(StringComparer.Ordinal)
    {
        ["¥"] = "元",
        ["￥"] = "元",
        ["$"] = "美元",
        ["€"] = "欧元",
        ["£"] = "英镑",
    };

    public static SpokenForm Of(string text)
    {
        text = Narrow(text);
        var form = new SpokenForm();
        var at = 0;
        foreach (Match match in Spoken().Matches(text))
        {
            form.Keep(text, at, match.Index);
            at = match.Index + match.Length;
            form.Add(Say(match), match.Index, at);
        }

        form.Keep(text, at, text.Length);
        return form;
    }

    private static string Say(Match match)
    {
        if (Has("phone"))
            return ChineseNumber.OneByOne(Of("phone").Replace("-", "", StringComparison.Ordinal), isTelephone: true);
        if (Has("fromyear"))
            return $"{ChineseNumber.OneByOne(Of("fromyear"))}到{ChineseNumber.OneByOne(Of("toyear"))}";
        if (Has("date"))
            return $"{ChineseNumber.OneByOne(Of("year"))}年{ChineseNumber.Amount(Of("month"))}月{ChineseNumber.Amount(Of("day"))}日";
        if (Has("onlyyear"))
            return ChineseNumber.OneByOne(Of("onlyyear"));
        if (Has("time"))
            return Clock(Of("hour"), Of("minute"), Of("second"));
        if (Has("upper"))
            return $"{ChineseNumber.Amount(Of("lower"))}分之{ChineseNumber.Amount(Of("upper"))}";
        if (Has("from"))
            return $"{Number(Of("from"))}到{Number(Of("to"))}{Tail()}";
        if (Has("code"))
            return ChineseNumber.OneByOne(Of("code"), isTelephone: Of("code").Length == 11 && Of("code")[0] == '1');
        return Tail(Has("two") ? "两" : Number(Of("number")));

        bool Has(string group) => match.Groups[group].Success;

        string Of(string group) => match.Groups[group].Value;

        // Sign, currency, per cent and unit around an amount, in the order in which they are said.
        string Tail(string amount = "")
        {
            var unit = s_units.GetValueOrDefault(Of("unit"), "");
            var sign = !Has("sign") ? "" : unit.EndsWith('度') ? "零下" : "负";
            var whole = Has("percent") ? $"{sign}百分之{amount}" : sign + amount + unit;
            return whole + (Has("currency") ? s_currencies[Of("currency")] : "");
        }
    }

    // Full-width digits and signs, one for one, so that every character stays in its place.
    private static string Narrow(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (var i = 0; i < from.Length; i++)
            to[i] = from[i] is (>= '０' and <= '９') or '．' or '－' or '／' or '＄' ? (char)(from[i] - '０' + '0') : from[i];
    });

    private static string Number(string digits)
    {
        var point = digits.IndexOf('.', StringComparison.Ordinal);
        var whole = (point < 0 ? digits : digits[..point]).Replace(",", "", StringComparison.Ordinal);
        return ChineseNumber.Amount(whole, point < 0 ? "" : digits[(point + 1)..]);
    }

    private static string Clock(string hour, string minute, string second)
    {
        var text = (hour.TrimStart('0') is "2" ? "两" : ChineseNumber.Amount(hour)) + "点";
        if (minute.Trim('0').Length > 0 || second.Length > 0)
            text += (minute[0] == '0' && minute != "00" ? "零" : "") + ChineseNumber.Amount(minute) + "分";
        return second.Length > 0 ? $"{text}{ChineseNumber.Amount(second)}秒" : text;
    }

    [GeneratedRegex("""
        (?<![0-9A-Za-z.])(?:
          (?<phone>(?:0[0-9]{2,3}-[0-9]{7,8}|0[0-9]{2,3}-[0-9]{3,4}-[0-9]{4}|1[0-9]{2}-[0-9]{4}-[0-9]{4}|[48]00-[0-9]{3}-[0-9]{4})(?![-0-9]))
        | (?<fromyear>[0-9]{4})[-~～—至到](?<toyear>[0-9]{4})(?=年)
        | (?<date>(?<year>[0-9]{4})[-/年](?<month>1[0-2]|0?[1-9])[-/月](?<day>3[01]|[12][0-9]|0?[1-9])(?:[日号]|(?![0-9])))
        | (?<onlyyear>[0-9]{4})(?=年)
        | (?<time>(?<hour>2[0-4]|[01]?[0-9])[:：](?<minute>[0-5][0-9])(?:[:：](?<second>[0-5][0-9]))?(?![0-9]))
        | (?<upper>[0-9]{1,4})/(?<lower>[0-9]{1,4})(?![0-9/])
        | (?<from>[0-9]+(?:\.[0-9]+)?)[-~～—](?<to>[0-9]+(?:\.[0-9]+)?)(?![-0-9])
        | (?<code>0[0-9]{2,}|[0-9]{8,})(?![0-9.,])
        | (?<two>2)(?=[个只条张本位次天年岁点种件块份杯台辆句段周米]|小时|分钟|公里|公斤)
        | (?<sign>[-−])?(?<currency>[¥￥$€£])?(?<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)(?:(?<percent>[%％])|\ ?(?<unit>km/h|km|kg|cm|mm|ml|mL|℃|°C|℉|°F|m|g|L)(?![A-Za-z]))?
        )
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Spoken();
}
