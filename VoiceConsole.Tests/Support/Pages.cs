namespace VoiceConsole.Tests.Support;

/// <summary>Tests of pages that wait for what they expect, however long it takes: they run one after the other in one browser, beside those on virtual time.</summary>
[CollectionDefinition(Name)]
public sealed class Pages : ICollectionFixture<Chromium>
{
    public const string Name = "pages";
}
