namespace VoiceConsole.Web.Texts;

/// <summary>Which language a reader wants: the one chosen on a page, kept in a cookie, else the browser's.</summary>
internal static class LanguageChoice
{
    private const string Cookie = "voiceconsole-language";

    /// <summary>Where a page sends its reader to change the language and come back.</summary>
    public static string Address(string language, string back) => $"/language/{language}?back={Uri.EscapeDataString(back)}";

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/language/{code}", (string code, string? back, HttpContext context) =>
    {
        if (!PageTexts.Languages.Any(l => l.Code == code))
            return Results.NotFound();
        context.Response.Cookies.Append(Cookie, code, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            Path = "/",
            MaxAge = TimeSpan.FromDays(365),
        });
        // Only to a page of this console.
        return Results.LocalRedirect(back is ['/', not ('/' or '\\'), ..] ? back : "/");
    });

    public static string Of(HttpContext? context)
    {
        if (context is null)
            return PageTexts.English;
        if (context.Request.Cookies[Cookie] is { } chosen)
            return chosen;
        var first = context.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(l => l.Quality ?? 1).FirstOrDefault();
        return first?.Value.StartsWith(PageTexts.Chinese, StringComparison.OrdinalIgnoreCase) == true ? PageTexts.Chinese : PageTexts.English;
    }
}
