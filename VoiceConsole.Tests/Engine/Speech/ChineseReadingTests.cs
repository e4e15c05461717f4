using CsCheck;
using VoiceConsole.Engine.Speech;
using VoiceConsole.Engine.Speech.Espeak;
using VoiceConsole.Engine.Speech.Reading;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Speech;

public class ChineseReadingTests
{
    [Theory]
    [InlineData("今天是2024年5月3日。", "今天是二零二四年五月三日。")]
    [InlineData("会议在2026-11-25举行。", "会议在二零二六年十一月二十五日举行。")]
    [InlineData("1998年的夏天", "一九九八年的夏天")]
    [InlineData("等了10年", "等了十年")]
    [InlineData("现在10:30，火车14:05开。", "现在十点三十分，火车十四点零五分开。")]
    [InlineData("晚上2:00见", "晚上两点见")]
    [InlineData("增长了3.5%", "增长了百分之三点五")]
    [InlineData("只剩1/3了", "只剩三分之一了")]
    [InlineData("一共¥1,234.50", "一共一千二百三十四点五零元")]
    [InlineData("气温-5℃到12°C", "气温零下五摄氏度到十二摄氏度")]
    [InlineData("大约3-5个人", "大约三到五个人")]
    [InlineData("请打13800138000", "请打幺三八零零幺三八零零零")]
    [InlineData("我有2个苹果和2条鱼", "我有两个苹果和两条鱼")]
    [InlineData("2月去", "二月去")]
    [InlineData("时速120km/h", "时速一百二十公里每小时")]
    [InlineData("我用Windows 11和GPT4", "我用Windows 十一和GPT4")]
    [InlineData("没有数字。", "没有数字。")]
    [InlineData("请打010-1234-5678或400-820-8820", "请打零幺零幺二三四五六七八或四零零八二零八八二零")]
    [InlineData("2023-2024年的冬天", "二零二三到二零二四年的冬天")]
    [InlineData("２０２３年花了＄１２", "二零二三年花了十二美元")]
    public void Sentence_IsReadAsPeopleReadIt(string written, string spoken) => Assert.Equal(spoken, ChineseReading.Of(written).Text);

    [Theory]
    [InlineData("0", "零")]
    [InlineData("10", "十")]
    [InlineData("15", "十五")]
    [InlineData("20", "二十")]
    [InlineData("101", "一百零一")]
    [InlineData("110", "一百一十")]
    [InlineData("1001", "一千零一")]
    [InlineData("10000", "一万")]
    [InlineData("100000", "十万")]
    [InlineData("100001", "十万零一")]
    [InlineData("10010000", "一千零一万")]
    [InlineData("100000000", "一亿")]
    [InlineData("120003004", "一亿二千万三千零四")]
    public void Amounts(string digits, string spoken) => Assert.Equal(spoken, ChineseNumber.Amount(digits));

    [Fact]
    public void EveryAmount_CanBeToldFromEveryOther_AndNamesNoZeroTwice() =>
        Gen.Select(Gen.Long[0, 9_999_999_999_999_999], Gen.Long[0, 9_999_999_999_999_999]).Sample((a, b) =>
        {
            var (first, second) = (ChineseNumber.Amount($"{a}"), ChineseNumber.Amount($"{b}"));
            Assert.Equal(a == b, first == second);
            Assert.DoesNotContain("零零", first, StringComparison.Ordinal);
            Assert.True(a == 0 || first[^1] != '零', first);
        });

    [Fact]
    public async Task Voice_TellsItsWordsAsTheyWereWritten()
    {
        await using var voice = new ReadingVoice(new EspeakSynthesizer(await Parts.FoldersAsync("espeak-ng"), TaskScheduler.Default));
        const string text = "现在是10:30，我有2个苹果。";

        var audio = Assert.Single(await voice.SynthesizeAsync(text, "zh", TestContext.Current.CancellationToken).ToListAsync());

        Assert.All(audio.Words, w => Assert.InRange(w.TextStart + w.TextLength, 1, text.Length));
        Assert.Equal("现|在|是|10:30|我|有|2|个|苹|果", string.Join('|', audio.Words.Select(w => text.Substring(w.TextStart, w.TextLength))));
    }
}
