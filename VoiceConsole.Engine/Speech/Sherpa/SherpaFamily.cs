namespace VoiceConsole.Engine.Speech.Sherpa;

/// <summary>The kinds of models of sherpa-onnx that are told by their files.</summary>
internal enum SherpaFamily
{
    /// <summary>Encoder, decoder and joiner; reads while the user speaks.</summary>
    StreamingTransducer,

    /// <summary>Encoder and decoder; reads while the user speaks.</summary>
    StreamingParaformer,

    /// <summary>One model; reads while the user speaks.</summary>
    StreamingZipformerCtc,

    Whisper,
    SenseVoice,
    Paraformer,
    Moonshine,

    Vits,
    Matcha,
    Kokoro,
    Kitten,

    /// <summary>Speaks with the voice of a recording.</summary>
    Pocket,

    /// <summary>Speaks with the voice of a recording whose words are known.</summary>
    ZipVoice,
}
