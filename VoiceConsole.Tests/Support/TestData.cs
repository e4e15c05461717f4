namespace VoiceConsole.Tests.Support;

/// <summary>The real recordings beside the project; tests that need them skip, with the reason, where they are absent.</summary>
internal static class TestData
{
    /// <summary>The path of a file in ../shared/testdata; skips the test where it is absent.</summary>
    public static string Require(string relative)
    {
        var path = Find(relative);
        Assert.SkipWhen(path is null, $"../shared/testdata/{relative} is not on this machine");
        return path!;
    }

    public static string? Find(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "testdata", relative);
            if (File.Exists(path))
                return path;
        }

        return null;
    }
}
