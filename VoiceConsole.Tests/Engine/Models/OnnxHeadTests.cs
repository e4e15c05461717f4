using CsCheck;
using VoiceConsole.Engine.Models;
using VoiceConsole.Engine.Speech.Whisper;
using VoiceConsole.Tests.Support;
using VoiceConsole.Web.Commands.Bench.Tiny;

namespace VoiceConsole.Tests.Engine.Models;

public sealed class OnnxHeadTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Model_TellsItsMetadataAndPorts()
    {
        var head = OnnxHead.Read(Path.Combine(TinySherpa.WriteVits(_folder.Path, "vits", speakers: 2), "vits.onnx"));

        Assert.Equal(["input", "input_lengths", "scales", "sid"], head.Inputs);
        Assert.Equal(["output"], head.Outputs);
        Assert.Equal(("2", "English"), (head.Metadata["n_speakers"], head.Metadata["language"]));
    }

    [Fact]
    public void FileCutOffAnywhere_OrChangedAnyhow_IsReadOrRefusedInWords()
    {
        var whole = File.ReadAllBytes(Path.Combine(TinySherpa.WriteTransducer(_folder.Path, "zip"), "decoder.onnx"));
        var file = _folder / "any.onnx";
        Gen.Select(Gen.Int[0, whole.Length], Gen.Int[0, whole.Length - 1], Gen.Byte).Sample(
            (length, at, value) =>
            {
                var bytes = whole[..length];
                if (at < length)
                    bytes[at] = value;
                File.WriteAllBytes(file, bytes);
                Assert.True(Record.Exception(() => OnnxHead.Read(file)) is null or InvalidDataException);
                Assert.True(Record.Exception(() => WhisperHead.Read(file)) is InvalidDataException);
            },
            iter: 2_000, threads: 1);
    }
}
