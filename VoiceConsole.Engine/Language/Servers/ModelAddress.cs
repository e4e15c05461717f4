namespace VoiceConsole.Engine.Language.Servers;

public enum ModelAddressKind
{
    File,
    LlamaServer,
    OpenAi,
}

/// <summary>What a user meant by the name of a language model.</summary>
/// <param name="Kind">Where it lives.</param>
/// <param name="Server">The server's address, without user info, query or fragment; null for a file.</param>
/// <param name="Name">For people and records; without secrets.</param>
public sealed record ModelAddress(ModelAddressKind Kind, Uri? Server, string Name)
{
    /// <summary>http(s) that ends in /v1 is OpenAI's interface; other http(s) is llama-server; everything else a file.</summary>
    /// <exception cref="ArgumentException">An address that cannot be one.</exception>
    public static ModelAddress Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        if (!text.Contains("://", StringComparison.Ordinal))
            return new ModelAddress(ModelAddressKind.File, null, Path.GetFileName(text));
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new ArgumentException($"'{text.Split('@')[^1]}' is no address of a model server. Give one such as http://localhost:8080.");
        var clean = new UriBuilder(address.Scheme, address.Host, address.Port, address.AbsolutePath.TrimEnd('/')).Uri;
        var openAi = address.AbsolutePath.TrimEnd('/').EndsWith("/v1", StringComparison.Ordinal);
        return new ModelAddress(openAi ? ModelAddressKind.OpenAi : ModelAddressKind.LlamaServer, clean, clean.ToString().TrimEnd('/'));
    }
}
