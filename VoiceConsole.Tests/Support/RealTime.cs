namespace VoiceConsole.Tests.Support;

/// <summary>Tests against a browser or a sound server, which live on real time: they run alone, after those on virtual time, and share one browser.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealTime : ICollectionFixture<Chromium>
{
    public const string Name = "real time";
}
