using System.Globalization;
using System.Text;
using VoiceConsole.Engine.Echo.SelfTest;
using VoiceConsole.Web.Texts;

namespace VoiceConsole.Web.Live;

/// <summary>A self-test as a picture: when the echo comes, how loud, and how it dies away. Plain SVG; holds figures and the console's own words only.</summary>
internal static class SelfTestPicture
{
    private const double Width = 640, Height = 220, Left = 48, Bottom = 188, Top = 16, Lowest = -60, StepMs = 5;

    /// <param name="t">The reader's language.</param>
    public static string Svg(SelfTestResult result, PageTexts t)
    {
        // From the moment of playing to a little after the echo has gone.
        var span = Math.Max(200, result.DelayMs + Math.Max(100, Math.Min(result.Decay.Count * StepMs, result.TailMs * 1.2)));
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{t["Level of the echo over time: it comes after {0:0} milliseconds and falls by 60 decibels in {1:0}.", result.DelayMs, result.TailMs]}\" font-family=\"sans-serif\" font-size=\"11\" fill=\"currentColor\">");
        for (var level = 0; level >= Lowest; level -= 20)
            svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {Y(level):0.0}H{Width - 8}\" stroke=\"currentColor\" stroke-opacity=\".2\"/><text x=\"{Left - 6}\" y=\"{Y(level) + 4:0.0}\" text-anchor=\"end\">{level} dB</text>");
        var grid = span > 800 ? 200 : span > 400 ? 100 : 50;
        for (var ms = 0; ms <= span; ms += grid)
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(ms, span):0.0}\" y=\"{Bottom + 16}\" text-anchor=\"middle\">{ms} ms</text>");
        if (result.IsAudible)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path fill=\"#7e6fff\" fill-opacity=\".45\" stroke=\"#7e6fff\" d=\"M{X(result.DelayMs, span):0.0} {Bottom}");
            for (var i = 0; i < result.Decay.Count && result.DelayMs + i * StepMs <= span; i++)
                svg.Append(CultureInfo.InvariantCulture, $"L{X(result.DelayMs + i * StepMs, span):0.0} {Y(Math.Max(Lowest, result.Decay[i])):0.0}");
            svg.Append(CultureInfo.InvariantCulture, $"L{X(Math.Min(span, result.DelayMs + result.Decay.Count * StepMs), span):0.0} {Bottom}Z\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(result.DelayMs, span) + 4:0.0}\" y=\"{Top - 4}\">{t["echo after {0:0} ms", result.DelayMs]}</text>");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<path d=\"M{Left} {Top}V{Bottom}H{Width - 8}\" fill=\"none\" stroke=\"currentColor\"/></svg>");
        return svg.ToString();
    }

    private static double X(double ms, double span) => Left + ms / span * (Width - 8 - Left);

    private static double Y(double db) => Bottom + (db - Lowest) / -Lowest * (Top - Bottom);
}
