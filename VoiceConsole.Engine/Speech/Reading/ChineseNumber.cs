using System.Text;

namespace VoiceConsole.Engine.Speech.Reading;

/// <summary>Numbers as they are said in Mandarin.</summary>
internal static class ChineseNumber
{
    private const string Digits = "零一二三四五六七八九";

    // What is longer is a code, not an amount.
    private const int Longest = 16;

    /// <summary>An amount: whole digits, and those behind the point.</summary>
    public static string Amount(string whole, string fraction = "")
    {
        whole = whole.TrimStart('0');
        var text = whole.Length == 0 ? "零" : whole.Length > Longest ? OneByOne(whole) : Whole(whole);
        return fraction.Length == 0 ? text : $"{text}点{OneByOne(fraction)}";
    }

    /// <summary>Digit by digit, as years and codes are.</summary>
    /// <param name="digits">0 to 9.</param>
    /// <param name="isTelephone">One is said so that it is not taken for seven.</param>
    public static string OneByOne(string digits, bool isTelephone = false) =>
        string.Concat(digits.Select(d => isTelephone && d == '1' ? '幺' : Digits[d - '0']));

    // In groups of four: 万, 亿, 万亿. One zero is said for any that stand before a digit of their group, or for a whole group.
    private static string Whole(string digits)
    {
        string[] groups = ["", "万", "亿", "万亿"], places = ["千", "百", "十", ""];
        var text = new StringBuilder();
        var isZero = false;
        var padded = digits.PadLeft((digits.Length + 3) / 4 * 4, '0');
        for (var start = 0; start < padded.Length; start += 4)
        {
            var group = padded.AsSpan(start, 4);
            if (!group.ContainsAnyExcept('0'))
            {
                isZero = true;
                continue;
            }

            for (var place = 0; place < 4; place++)
            {
                if (group[place] == '0')
                {
                    isZero = true;
                    continue;
                }

                if (isZero && text.Length > 0)
                    text.Append('零');
                isZero = false;
                // Ten to nineteen begin with ten itself.
                if (text.Length > 0 || group[place] != '1' || places[place] != "十")
                    text.Append(Digits[group[place] - '0']);
                text.Append(places[place]);
            }

            isZero = false;
            text.Append(groups[(padded.Length - start) / 4 - 1]);
        }

        return text.ToString();
    }
}
