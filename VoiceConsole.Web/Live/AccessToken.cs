using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace VoiceConsole.Web.Live;

/// <summary>The secret that lets a browser or a program in. Held as its hash; never logged.</summary>
internal sealed class AccessToken
{
    public const int MinLength = 16;
    private const string Cookie = "voiceconsole";

    private readonly byte[] _token;
    private readonly string _cookie;

    /// <summary>One that nobody guesses: 32 random bytes, as an address takes them.</summary>
    public static string New() => WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32));

    public AccessToken(string token)
    {
        _token = Hash(token);
        // The cookie does not give the token away.
        _cookie = Convert.ToHexString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), "cookie"u8));
    }

    /// <summary>True if the request may go on; else it has been answered.</summary>
    public async Task<bool> AdmitAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Query.TryGetValue("token", out var given) && Same(given.ToString(), _token))
        {
            // Out of the address bar and the history at once.
            var rest = request.Query.Where(q => q.Key != "token").SelectMany(q => q.Value, (q, value) => KeyValuePair.Create(q.Key, value));
            context.Response.Cookies.Append(Cookie, _cookie, new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                Secure = request.IsHttps,
                Path = "/",
            });
            context.Response.Redirect(QueryHelpers.AddQueryString("/" + request.Path.Value!.TrimStart('/'), rest));
            return false;
        }

        const string Scheme = "Bearer ";
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && Same(authorization[Scheme.Length..], _token))
            return true;
        if (request.Cookies[Cookie] is { } cookie && Same(cookie, Hash(_cookie)))
            return true;
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        await context.Response.WriteAsync("This console asks for its token: open it once with ?token=… at the end of the address.");
        return false;
    }

    private static bool Same(string given, byte[] expected) => CryptographicOperations.FixedTimeEquals(Hash(given), expected);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
