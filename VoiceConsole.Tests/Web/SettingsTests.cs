using System.Text;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands;
using VoiceConsole.Web.Data;
using VoiceConsole.Web.Live;
using VoiceConsole.Web.Settings;

namespace VoiceConsole.Tests.Web;

public sealed class SettingsTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly LiveSignal _signal = new(TimeProvider.System);

    private ConsolePaths Paths => field ??= new ConsolePaths(_folder.Path);

    public void Dispose()
    {
        _signal.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void EverySetting_IsOnThePage_AndItsDefaultIsOneThatMayBeTyped()
    {
        Assert.Equal(
            typeof(ConsoleSettings).GetProperties().Where(p => p.SetMethod is not null && p.Name is not (nameof(ConsoleSettings.Version) or nameof(ConsoleSettings.Engines))).Select(p => p.Name).Order(),
            SettingField.All.Select(f => f.Id).Order());
        Assert.All(SettingField.All, f => Assert.Null(SettingText.Problem(f, f.Default)));
        Assert.Equal("700", Field(nameof(ConsoleSettings.HangOverMs)).Default);
        Assert.Empty(SettingsApplied.Problems(SettingField.All.Aggregate(new ConsoleSettings(), (s, f) => SettingText.With(s, f, f.Default))));
    }

    [Fact]
    public void Setting_Stored_HoldsForTheNextConsole_AndAnEmptyOneIsTheDefaultAgain()
    {
        var keeper = Keeper();
        keeper.Change(s => SettingText.With(s, Field(nameof(ConsoleSettings.HangOverMs)), "450.5"));
        keeper.Change(s => SettingText.With(s, Field(nameof(ConsoleSettings.SystemPrompt)), "说中文。"));
        keeper.Change(s => SettingText.With(s, Field(nameof(ConsoleSettings.KeepDays)), "7"));
        var next = Keeper();
        Assert.Null(next.Notice);
        Assert.Equal((450.5, "说中文。"), (next.Request.Options.HangOver.TotalMilliseconds, next.Request.Options.SystemPrompt));
        Assert.Equal(new RetentionOptions(TimeSpan.FromDays(7), 5), next.Retention);
        next.Change(s => SettingText.With(s, Field(nameof(ConsoleSettings.HangOverMs)), ""));
        Assert.Equal(new ConversationOptions().HangOver, Keeper().Request.Options.HangOver);
        Assert.Equal([SettingsFile.PathOf(Paths)], Directory.GetFiles(Paths.Data));
    }

    [Fact]
    public void Switch_OfTheCommandLine_WinsInItsRun_AndSaysWhich()
    {
        Keeper().Change(_ => new ConsoleSettings { Language = "zh", MaxReplyTokens = 9, KeepGigabytes = 3 });
        var keeper = Keeper("--language", "--keep-gb", "--speaker");
        Assert.Equal(("en", 9, 5L), (keeper.Request.Options.Language, keeper.Request.Options.MaxReplyTokens, keeper.Retention.MaxBytes));
        Assert.Equal("--speaker", keeper.Overruled(Field(nameof(ConsoleSettings.Loudspeaker))));
        Assert.Equal("--language", keeper.Overruled(Field(nameof(ConsoleSettings.Language))));
        Assert.Null(keeper.Overruled(Field(nameof(ConsoleSettings.MaxReplyTokens))));
        Assert.Equal(("zh", 3_000_000_000L), (Keeper().Request.Options.Language, Keeper().Retention.MaxBytes!.Value));
    }

    [Fact]
    public void Microphone_OfTheHost_IsNoRecordingForARoom()
    {
        Keeper().Change(_ => new ConsoleSettings { Microphone = "USB", Loudspeaker = "HDMI" });
        Assert.Equal("USB", Keeper().Request.Microphone);
        var request = SettingsApplied.To(Keeper().Settings, new ConversationRequest { Device = "room" }, new HashSet<string> { "--device" });
        Assert.Equal((null, null), (request.Microphone, request.Loudspeaker));
    }

    [Fact]
    public void EverySwitchThatIsNamed_IsOneOfServes()
    {
        var serve = CommandLine.Build().Subcommands.First(c => c.Name == "serve");
        Assert.All(SettingField.All.SelectMany(f => f.Switches), s => Assert.Contains(serve.Options, o => o.Name == s));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"hangOverMs\": 70")]
    [InlineData("{\"hangOverMs\": \"soon\"}")]
    [InlineData("{\"version\": 9}")]
    public void File_ThatIsDamaged_GivesTheDefaultsAndIsKept(string json)
    {
        Directory.CreateDirectory(Paths.Data);
        File.WriteAllText(SettingsFile.PathOf(Paths), json);
        var keeper = Keeper();
        Assert.Equal(new ConsoleSettings(), keeper.Settings);
        Assert.Contains("The defaults are used. The file was kept as settings.json.damaged-", keeper.Notice, StringComparison.Ordinal);
        Assert.Equal(json, File.ReadAllText(Directory.GetFiles(Paths.Data).Single()));
        keeper.Change(s => s with { MaxReplyTokens = 7 });
        Assert.Equal(7, Keeper().Settings.MaxReplyTokens);
    }

    [Theory]
    [InlineData("{\"shell\": \"rm -rf\"}", "shell")]
    [InlineData("{\"device\": \"wav\"}", "There is: host, room.")]
    [InlineData("{\"hangOverMs\": 1e99}", "100 to 5000")]
    [InlineData("{\"minSpeechMs\": 500, \"minBargeInMs\": 100}", "The speech that stops a reply must not be shorter")]
    [InlineData("{\"engines\": {\"languageModel\": \"ftp://x\"}}", "is no address of a model server")]
    [InlineData("{\"engines\": {\"run\": \"x\"}}", "no settings file")]
    [InlineData("{\"microphone\": \"a\\u0000b\"}", "cannot be seen")]
    [InlineData("{\"systemPrompt\": {\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}", "no settings file")]
    [InlineData("[]", "no settings file")]
    [InlineData("null", "It is empty.")]
    public void Import_OfAStrangersFile_IsRefusedWithTheReason(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<SettingsException>(() => SettingsFile.Parse(Encoding.UTF8.GetBytes(json))).Message, StringComparison.Ordinal);

    [Fact]
    public void Import_ThatIsFarTooLong_IsRefused() =>
        Assert.Contains("64 KB", Assert.Throws<SettingsException>(() => SettingsFile.Parse(new byte[100_000])).Message, StringComparison.Ordinal);

    [Fact]
    public void Text_OfAnyField_IsRefusedOrComesBackAsItWas() => Gen.Select(Gen.Int[0, SettingField.All.Count - 1], Gen.OneOf(Gen.Double.Select(d => SettingText.Of(d)), Gen.String, Gen.Const("on"), Gen.Const("zh"), Gen.Const("office"))).Sample((i, text) =>
    {
        var field = SettingField.All[i];
        if (text.Trim() != text || SettingText.Problem(field, text) is not null)
            return;
        var back = SettingText.Of(SettingText.Get(SettingText.With(new ConsoleSettings(), field, text), field));
        Assert.True(back == text || (field.Kind == SettingKind.Number && Math.Abs(double.Parse(back) - double.Parse(text)) < 1e-5), $"{field.Id}: '{text}' became '{back}'");
    });

    [Fact]
    public async Task Change_OfARunningConsole_ReachesTheNextConversation_AndLeavesTheChosenEngines()
    {
        await using var app = ConsoleHost.Build(
            new ConsoleHostOptions { Port = 0, Request = new ConversationRequest { LanguageModel = "http://localhost:1" } },
            services => services.AddSingleton(Paths).AddSingleton<IConversationFactory>(new FakeConversationFactory(() => new FakeConversation())));
        var host = app.Services.GetRequiredService<ConversationHost>();
        app.Services.GetRequiredService<SettingsKeeper>().Change(s => s with { Device = "room", HangOverMs = 300 });
        Assert.Equal(("room", 300, "http://localhost:1"), (host.Request.Device, host.Request.Options.HangOver.TotalMilliseconds, host.Request.LanguageModel));
    }

    [Fact]
    public async Task EngineChosenOnAPage_ServesAfterARestart_UnlessTheCommandLineNamesAnother()
    {
        Directory.CreateDirectory(Paths.Models);
        var file = Path.Combine(Paths.Models, "own.gguf");
        await File.WriteAllTextAsync(file, "");
        await using (var app = Build())
        {
            var host = app.Services.GetRequiredService<ConversationHost>();
            await host.ChooseAsync(EngineKind.LanguageModel, file, false);
            await host.ChooseAsync(EngineKind.Voice, "flite-rms", false);
            await host.ChooseAsync(EngineKind.Recognizer, "/somewhere/else.bin", false);
            app.Services.GetRequiredService<SettingsKeeper>().Change(s => s with { HangOverMs = 300 });
            Assert.Equal((file, "flite-rms", "/somewhere/else.bin"), (host.Request.LanguageModel, host.Request.Voice, host.Request.Recognizer));
        }

        Assert.Equal(new EngineSettings { LanguageModel = "own.gguf", Voice = "flite-rms" }, Keeper().Settings.Engines);
        await using var next = Build();
        Assert.Equal((file, "flite-rms"), (next.Services.GetRequiredService<ConversationHost>().Request.LanguageModel, next.Services.GetRequiredService<ConversationHost>().Request.Voice));
        Assert.Equal((null, "flite-rms"), (Keeper("--llm").Request.LanguageModel, Keeper("--llm").Request.Voice));

        Microsoft.AspNetCore.Builder.WebApplication Build() => ConsoleHost.Build(
            new ConsoleHostOptions { Port = 0 }, services => services.AddSingleton(Paths).AddSingleton<IConversationFactory>(new FakeConversationFactory(() => new FakeConversation())));
    }

    [Fact]
    public void Engine_OfAStrangersFile_IsNotOpenedOutsideOfModels()
    {
        var outside = _folder / "secret.gguf";
        File.WriteAllText(outside, "");
        Keeper().Change(_ => new ConsoleSettings { Engines = new EngineSettings { LanguageModel = outside, Voice = "../secret.gguf" } });
        Assert.Equal((null, null), (Keeper().Request.LanguageModel, Keeper().Request.Voice));
    }

    private SettingsKeeper Keeper(params string[] given) =>
        new(Paths, new CommandLineWishes(new ConversationRequest(), new RetentionOptions(null, 5), given.ToHashSet()), _signal, TimeProvider.System);

    private static SettingField Field(string id) => SettingField.All.Single(f => f.Id == id);
}
