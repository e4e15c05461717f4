using VoiceConsole.Engine;
using VoiceConsole.Engine.Training.Datasets;
using VoiceConsole.Engine.Training.Datasets.Cleaning;

namespace VoiceConsole.Web.Components.Controls.Training;

/// <summary>A data set as the page shows it.</summary>
/// <param name="Card">Null where it cannot be read.</param>
/// <param name="Report">Null before it was cleaned.</param>
/// <param name="Problem">Why something of it cannot be read, or null.</param>
public sealed record DatasetView(string Name, DatasetCard? Card, CleaningReport? Report, string? Problem)
{
    internal static async Task<DatasetView> ReadAsync(ConsolePaths paths, string name, CancellationToken cancellationToken)
    {
        var folder = DatasetFolder.Of(paths, name);
        DatasetCard? card = null;
        try
        {
            card = await folder.ReadCardAsync(cancellationToken);
            return new DatasetView(name, card, await folder.ReadReportAsync(cancellationToken), null);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return new DatasetView(name, card, null, error.Message);
        }
    }
}
