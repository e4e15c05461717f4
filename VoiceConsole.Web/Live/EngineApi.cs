using VoiceConsole.Engine;
using VoiceConsole.Engine.Conversation;
using VoiceConsole.Engine.Models;

namespace VoiceConsole.Web.Live;

/// <summary>What serves, and how it is replaced, for programs: JSON at /api/engines, guarded as the page is.</summary>
internal static class EngineApi
{
    public const string Path = "/api/engines";

    public static void Map(WebApplication app)
    {
        app.MapGet(Path, (ConversationHost host, DashboardState state) => Results.Json(Serving(host, state)));
        // A body in JSON cannot be sent by a form of another page.
        app.MapPost(Path + "/{kind}", async (string kind, EngineWish wish, ConversationHost host, DashboardState state, ConsolePaths paths) =>
        {
            if (!Enum.TryParse<EngineKind>(kind, ignoreCase: true, out var which) || !Enum.IsDefined(which))
                return Problem(StatusCodes.Status404NotFound, $"There is no engine of the kind '{kind}'.", $"There are: {string.Join(", ", Enum.GetNames<EngineKind>())}.");
            string? outside, id;
            try
            {
                outside = EnginePlace.Of(which, wish.Id, paths, out id);
            }
            catch (ArgumentException error)
            {
                return Problem(StatusCodes.Status400BadRequest, error.Message, "Correct it and try again.");
            }

            if (outside is not null)
                return Problem(StatusCodes.Status400BadRequest, $"'{outside}' does not lie in {paths.Models}.", "Put it there, or start the console with it: --llm, --tts, --asr.");
            await host.ChooseAsync(which, id, wish.FreeFirst);
            return host.Choices.GetValueOrDefault(which) switch
            {
                { Problem: { } problem } => Problem(StatusCodes.Status409Conflict, problem.What, problem.Remedy),
                { IsLoading: true } => Problem(StatusCodes.Status409Conflict, "Another one is being loaded.", "Try again when it serves."),
                _ => Results.Json(Serving(host, state)),
            };
        });
    }

    private static EnginesServing Serving(ConversationHost host, DashboardState state) =>
        host.Current is not null && state.Snapshot.Started is { } started
            ? new EnginesServing(true, started.Recognizer, started.Model, started.Voice)
            : new EnginesServing(false, host.Request.Recognizer ?? EngineLoader.DefaultRecognizer, host.Request.LanguageModel, host.Request.Voice);

    private static IResult Problem(int status, string error, string remedy) => Results.Json(new EngineRefusal(error, remedy), statusCode: status);
}

/// <param name="Id">As a ConversationRequest takes it; null is the default.</param>
/// <param name="FreeFirst">Free the old one before; turns wait meanwhile.</param>
internal sealed record EngineWish(string? Id, bool FreeFirst = false);

/// <param name="IsTalking">They serve a conversation now; else they will serve the next. Null is the default.</param>
internal sealed record EnginesServing(bool IsTalking, string? Recognizer, string? LanguageModel, string? Voice);

/// <summary>Why nothing was changed, and what to do.</summary>
internal sealed record EngineRefusal(string Error, string Remedy);
