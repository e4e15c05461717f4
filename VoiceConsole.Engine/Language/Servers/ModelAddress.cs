using VoiceConsole.Engine.Language.Llama;

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
    /// <summary>Which of the server's models is meant; null for its first.</summary>
    public string? Model { get; private init; }

    /// <summary>http(s) that ends in /v1 is OpenAI's interface, with the name of one of its models after a #; other http(s) is llama-server; everything else a file.</summary>
    /// <exception cref="ArgumentException">An address that cannot be one.</exception>
    public static ModelAddress Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        if (!text.Contains("://", StringComparison.Ordinal))
            return new ModelAddress(ModelAddressKind.File, null, LocalModelId.Parse(text).Name);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new ArgumentException($"'{text.Split('@')[^1]}' is no address of a model server. Give one such as http://localhost:8080.");
        var clean = new UriBuilder(address.Scheme, address.Host, address.Port, address.AbsolutePath.TrimEnd('/')).Uri;
        var openAi = address.AbsolutePath.TrimEnd('/').EndsWith("/v1", StringComparison.Ordinal);
        var model = openAi && address.Fragment.Length > 1 ? Uri.UnescapeDataString(address.Fragment[1..]) : null;
        var name = clean.ToString().TrimEnd('/');
        return new ModelAddress(openAi ? ModelAddressKind.OpenAi : ModelAddressKind.LlamaServer, clean, model is null ? name : $"{model} at {name}") { Model = model };
    }
}
