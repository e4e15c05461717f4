namespace VoiceConsole.Tests.Support;

/// <summary>Tests against a browser or a sound server, which live on real time: they run alone, after those on virtual time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealTime
{
    public const string Name = "real time";
}
