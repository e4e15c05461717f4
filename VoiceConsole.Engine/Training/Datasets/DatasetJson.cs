using System.Text.Encodings.Web;
using System.Text.Json;

namespace VoiceConsole.Engine.Training.Datasets;

/// <summary>How data sets are written: one line a record, Chinese as it is read.</summary>
internal static class DatasetJson
{
    public static readonly JsonSerializerOptions Line = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonSerializerOptions Page = new(Line) { WriteIndented = true };
}
