using Bunit;
using Microsoft.Extensions.DependencyInjection;
using VoiceConsole.Web.Texts;

namespace VoiceConsole.Tests.Support;

/// <summary>What every piece of a page is given.</summary>
public abstract class PieceContext : BunitContext
{
    protected PieceContext() => Services.AddScoped<PageTexts>();
}
