namespace VoiceConsole.Tests.Support;

/// <summary>Tests against a sound server, a process or a browser that depend on real time: they run alone, after all others, and share one browser.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealTime : ICollectionFixture<Chromium>
{
    public const string Name = "real time";
}
