using System.Text.Json;

namespace VoiceConsole.Engine.Training.HuggingFace;

/// <summary>All tensors of a model, which lie in one file or, by an index, in several.</summary>
internal sealed class SafetensorsFolder : IDisposable
{
    private const string Single = "model.safetensors", Index = "model.safetensors.index.json";

    private readonly Dictionary<string, SafetensorsFile> _files = new(StringComparer.Ordinal);

    /// <exception cref="FileNotFoundException">The folder has no tensors, or lacks a file that its index names.</exception>
    /// <exception cref="InvalidDataException">A file is damaged, or the index names what is not there.</exception>
    /// <exception cref="UnauthorizedAccessException">The index names a file outside the folder.</exception>
    public SafetensorsFolder(string folder)
    {
        try
        {
            Tensors = File.Exists(Path.Combine(folder, Index)) ? Indexed(folder) : Open(folder, Single).Tensors;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IReadOnlyDictionary<string, SafeTensor> Tensors { get; }

    public void Dispose()
    {
        foreach (var file in _files.Values)
            file.Dispose();
    }

    private Dictionary<string, SafeTensor> Indexed(string folder)
    {
        using var json = ModelJson.Read(folder, Index);
        if (!json.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"{Index} has no weight_map that says where the tensors are.");
        var tensors = new Dictionary<string, SafeTensor>(StringComparer.Ordinal);
        foreach (var entry in map.EnumerateObject())
        {
            var shard = entry.Value.ValueKind == JsonValueKind.String ? entry.Value.GetString()! : "";
            if (!Open(folder, shard).Tensors.TryGetValue(entry.Name, out var tensor))
                throw new InvalidDataException($"{Index} says that '{entry.Name}' is in '{shard}', and it is not. Fetch the model again.");
            tensors[entry.Name] = tensor;
        }

        return tensors;
    }

    private SafetensorsFile Open(string folder, string name)
    {
        if (_files.TryGetValue(name, out var open))
            return open;
        if (Path.GetFileName(name) != name || name.Length == 0 || name.Contains('\\', StringComparison.Ordinal))
            throw new UnauthorizedAccessException($"{Index} names the file '{name}', which is not in the model's folder. Such a model is not read.");
        var file = ConsolePaths.Inside(folder, name);
        if (!File.Exists(file))
            throw new FileNotFoundException($"There is no {name} in {folder}. A model's folder holds {Single} or {Index} with the files that it names.");
        return _files[name] = new SafetensorsFile(file);
    }
}
