using CsCheck;
using VoiceConsole.Engine.Training.HuggingFace;
using VoiceConsole.Tests.Support;

namespace VoiceConsole.Tests.Engine.Training.HuggingFace;

/// <summary>What strangers may put into a model's folder.</summary>
public sealed class HostileModelTests : IDisposable
{
    private const string Fine = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Fine, 8, 200_000_000UL, "claims 200000000 bytes, and 100000000 are the most")]
    [InlineData(Fine, 8, ulong.MaxValue, "are the most")]
    [InlineData(Fine, 8, 5_000UL, "claims 5000 bytes, and the whole file has")]
    [InlineData(Fine, 4, null, "lies outside the file")]
    [InlineData(Fine, 12, null, "its tensors end at byte")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, null, "needs 12 bytes and has 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,8]}}""", 8, null, "bytes and has 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, null, "lacks a type, a shape or its two offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, null, "lies outside the file")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, null, "lacks a type, a shape or its two offsets")]
    [InlineData("""{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}""", 8, null, "unknown type 'F33'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, null, "'b' overlaps another")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""", 16, null, "'b' comes after a gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", 16, null, "names the tensor 'a' twice")]
    [InlineData("[1]", 0, null, "no JSON object")]
    [InlineData("{", 0, null, "no JSON")]
    public void HeadThatLies_IsRefusedWithWhatIsWrong(string head, int data, ulong? length, string complaint)
    {
        SafetensorsWriter.WriteRaw(_folder / "bad.safetensors", head, new byte[data], length);

        var error = Assert.Throws<InvalidDataException>(() => new SafetensorsFile(_folder / "bad.safetensors"));

        Assert.Contains(complaint, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("bad.safetensors is damaged", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("sub/inside.safetensors")]
    [InlineData("..\\outside.safetensors")]
    [InlineData("..")]
    [InlineData("")]
    public void IndexThatNamesAFileElsewhere_IsRefused(string shard)
    {
        var folder = new TinyHuggingFace("llama", true).Write(_folder, "tiny");
        SafetensorsWriter.Write(_folder / "outside.safetensors", []);
        File.WriteAllText(Path.Combine(folder, "model.safetensors.index.json"), System.Text.Json.JsonSerializer.Serialize(new { weight_map = new Dictionary<string, string> { ["model.norm.weight"] = shard } }));

        AssertRefused<UnauthorizedAccessException>(folder, "");
    }

    [Fact]
    public void LinkOutOfTheFolder_IsRefused()
    {
        var folder = new TinyHuggingFace("llama", true).Write(_folder, "tiny");
        File.Move(Path.Combine(folder, "model.safetensors"), _folder / "secret");
        File.CreateSymbolicLink(Path.Combine(folder, "model.safetensors"), _folder / "secret");

        AssertRefused<UnauthorizedAccessException>(folder, "lies outside");
    }

    [Fact]
    public void TensorThatTheIndexPutsIntoAnotherFile_IsMissed()
    {
        var folder = new TinyHuggingFace("llama", true).Write(_folder, "tiny", shards: 2);
        var index = Path.Combine(folder, "model.safetensors.index.json");
        File.WriteAllText(index, File.ReadAllText(index).Replace("00001-of", "00002-of", StringComparison.Ordinal));

        AssertRefused<InvalidDataException>(folder, "and it is not");
    }

    public static TheoryData<string, string> WrongModels => new()
    {
        { "family", "Llama and Qwen2 can be converted" },
        { "size", "hidden_size must be a number from 1" },
        { "heads", "must divide into 3 heads" },
        { "activation", "its activation is not SiLU" },
        { "stretch", "in the way 'yarn'" },
        { "missing", "lacks the tensor 'model.layers.1.mlp.up_proj.weight'" },
        { "extra", "has the tensor 'model.layers.0.self_attn.q_norm.weight'" },
        { "shape", "does not fit config.json: 'model.norm.weight' is 31 and should be 32" },
        { "kind", "only byte-pair encoding (BPE)" },
        { "number", "has the number 999999, and the model has 288 tokens" },
        { "twice", "have the same number 2" },
        { "merge", "merge 1 joins what are no tokens" },
        { "split", "splits text in a way" },
    };

    [Theory]
    [MemberData(nameof(WrongModels))]
    public void ModelThatDoesNotFitTogether_IsRefusedWithWhatIsWrong(string what, string complaint)
    {
        var tiny = new TinyHuggingFace(what == "split" ? "qwen2" : "llama", isTied: true);
        switch (what)
        {
            case "family": tiny.Config["model_type"] = "bert"; break;
            case "size": tiny.Config["hidden_size"] = -32; break;
            case "heads": tiny.Config["num_attention_heads"] = 3; break;
            case "activation": tiny.Config["hidden_act"] = "gelu"; break;
            case "stretch": tiny.Config["rope_scaling"] = new { type = "yarn", factor = 4 }; break;
            case "missing": tiny.Tensors.Remove("model.layers.1.mlp.up_proj.weight"); break;
            case "extra": tiny.Tensors["model.layers.0.self_attn.q_norm.weight"] = new PlainTensor([8], new float[8]); break;
            case "shape": tiny.Tensors["model.norm.weight"] = new PlainTensor([31], new float[31]); break;
            case "kind": tiny.Tokenizer["model"] = new { type = "Unigram" }; break;
            case "number": tiny.Tokenizer["added_tokens"] = new object[] { new { id = 999_999, content = "<x>", special = true } }; break;
            case "twice": tiny.Tokenizer["added_tokens"] = new object[] { new { id = 2, content = "<x>", special = true } }; break;
            case "merge": tiny.Tokenizer["model"] = new { type = "BPE", byte_fallback = true, vocab = new Dictionary<string, int> { ["a"] = 5 }, merges = new[] { "a zz" } }; break;
            default: tiny.Tokenizer["pre_tokenizer"] = new { type = "Sequence", pretokenizers = new object[] { new { type = "Split", pattern = new { Regex = "." } }, new { type = "ByteLevel" } } }; break;
        }

        AssertRefused<InvalidDataException>(tiny.Write(_folder, "tiny"), complaint);
    }

    [Fact]
    public void AnyByteChanged_ConvertsOrIsRefused_AndNeverLeavesHalfAFile()
    {
        var folder = new TinyHuggingFace("qwen2", true).Write(_folder, "tiny");
        string[] files = ["config.json", "tokenizer.json", "model.safetensors"];
        var kept = files.ToDictionary(f => f, f => File.ReadAllBytes(Path.Combine(folder, f)));
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 4000], Gen.Byte).Sample((which, at, value) =>
        {
            var name = files[which];
            var bytes = kept[name].ToArray();
            bytes[at % bytes.Length] = value;
            File.WriteAllBytes(Path.Combine(folder, name), bytes);
            try
            {
                HuggingFaceConverter.Convert(folder, _folder / "out.gguf");
                File.Delete(_folder / "out.gguf");
            }
            catch (Exception error) when (error is InvalidDataException or FileNotFoundException)
            {
                Assert.NotEmpty(error.Message);
            }

            File.WriteAllBytes(Path.Combine(folder, name), kept[name]);
            Assert.Equal(["tiny"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
        }, iter: 300, threads: 1);
    }

    private void AssertRefused<T>(string folder, string complaint)
        where T : Exception
    {
        var error = Assert.Throws<T>(() => HuggingFaceConverter.Convert(folder, _folder / "out.gguf"));
        Assert.Contains(complaint, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(_folder.Path), f => f.Contains("out.gguf", StringComparison.Ordinal));
    }
}
