using System.Globalization;
using System.Security.Cryptography;

namespace VoiceConsole.Web.Live;

/// <summary>
/// Tells the browsers that have opened a page from everybody else who reaches the port: each is given a cookie that no script can
/// read and that ends with the console. Recordings and exports are for those browsers only. Thread-safe.
/// </summary>
internal sealed class BrowserSessions
{
    private const int IdBytes = 16;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <summary>The browser's id; a cookie is set if it has none yet.</summary>
    public string Welcome(HttpContext context)
    {
        if (Of(context) is { } known)
            return known;
        var id = RandomNumberGenerator.GetBytes(IdBytes);
        context.Response.Cookies.Append(NameFor(context), Convert.ToHexString([.. id, .. HMACSHA256.HashData(_key, id)]), new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            Path = "/",
        });
        return Convert.ToHexString(id);
    }

    /// <summary>The id of the browser that asks, or null for one that has opened no page of this console.</summary>
    public string? Of(HttpContext context)
    {
        if (context.Request.Cookies[NameFor(context)] is not { Length: 2 * (IdBytes + HMACSHA256.HashSizeInBytes) } cookie)
            return null;
        var bytes = new byte[cookie.Length / 2];
        if (Convert.FromHexString(cookie, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
            return null;
        var id = bytes[..IdBytes];
        return CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(_key, id), bytes.AsSpan(IdBytes)) ? Convert.ToHexString(id) : null;
    }

    // Cookies do not know ports, and a machine may have two consoles.
    private static string NameFor(HttpContext context) => string.Create(CultureInfo.InvariantCulture, $"voiceconsole-browser-{context.Request.Host.Port ?? 80}");
}
