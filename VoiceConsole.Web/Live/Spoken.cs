using System.Globalization;

namespace VoiceConsole.Web.Live;

/// <summary>Times and sizes as pages write them.</summary>
internal static class Spoken
{
    /// <summary>"3:07", "1:02:03".</summary>
    public static string Duration(TimeSpan time) =>
        time.ToString(time.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);

    /// <summary>"0:07.3".</summary>
    public static string Moment(double seconds) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 60):0}:{Math.Floor(seconds * 10) / 10 % 60:00.0}");

    public static string Milliseconds(double milliseconds) => string.Create(CultureInfo.InvariantCulture, $"{milliseconds:N0} ms");

    /// <summary>"7.3 MB", "1.6 GB".</summary>
    public static string Bytes(long bytes) => bytes < 1_000_000_000 ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB") : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB");

    /// <summary>The beginning of a day of this machine's time zone, given as yyyy-MM-dd; null for anything else.</summary>
    public static DateTimeOffset? Day(string? text) =>
        DateTime.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year > 1
            ? new DateTimeOffset(DateTime.SpecifyKind(day, DateTimeKind.Unspecified), TimeZoneInfo.Local.GetUtcOffset(day))
            : null;
}
