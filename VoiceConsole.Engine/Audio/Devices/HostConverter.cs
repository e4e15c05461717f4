using System.Numerics.Tensors;

namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>
/// Between the host's format and the engine's, both ways on one clock: sample n of what was captured and sample n of what was
/// rendered stand at the same moment of the device. Allocates nothing after construction.
/// </summary>
/// <remarks>
/// The filters know no delay, only that they want to see half their length ahead: what is rendered is asked for so much
/// earlier, and what was captured comes so much later (<see cref="CaptureDelay"/>). Positions stay true.
/// </remarks>
internal sealed class HostConverter
{
    private readonly HostFormat _format;
    private readonly float[] _mono;
    private readonly Resampler? _in, _out;

    public HostConverter(HostFormat format)
    {
        _format = format;
        _mono = new float[format.BlockFrames];
        var rate = AudioFormat.Engine.SampleRate;
        MaxSamples = format.BlockFrames;
        if (format.Rate == rate)
            return;
        (_in, _out) = (new Resampler(format.Rate, rate), new Resampler(rate, format.Rate));
        MaxSamples = Math.Max(_in.MaxOutput(format.BlockFrames), _out.InputFor(format.BlockFrames));
        CaptureDelay = (int)Math.Ceiling((double)_in.LookAhead * rate / format.Rate);
    }

    /// <summary>The most samples that one block takes or gives, at 16 kHz.</summary>
    public int MaxSamples { get; }

    /// <summary>Samples at 16 kHz that were captured and have not come out yet.</summary>
    public int CaptureDelay { get; }

    /// <summary>Takes what the microphone gave, its channels interleaved, at most one block. Returns how many samples at 16 kHz came of it.</summary>
    public int Capture(ReadOnlySpan<float> input, Span<float> captured)
    {
        var mono = _mono.AsSpan(0, input.Length / _format.Inputs);
        if (_format.Inputs == 1)
            input.CopyTo(mono);
        else
        {
            for (var i = 0; i < mono.Length; i++)
                mono[i] = TensorPrimitives.Sum(input.Slice(i * _format.Inputs, _format.Inputs)) / _format.Inputs;
        }

        if (_in is not null)
            return _in.Process(mono, captured);
        mono.CopyTo(captured);
        return mono.Length;
    }

    /// <summary>How many samples at 16 kHz the next frames for the loudspeaker are made of.</summary>
    public int SamplesFor(int frames) => _out?.InputFor(frames) ?? frames;

    /// <summary>Fills what the loudspeaker takes, at most one block, from just as many samples as <see cref="SamplesFor"/> says.</summary>
    public void Render(ReadOnlySpan<float> samples, Span<float> output)
    {
        var mono = _mono.AsSpan(0, output.Length / _format.Outputs);
        if (_out is null)
            samples.CopyTo(mono);
        else
            _out.Process(samples, mono);
        if (_format.Outputs == 1)
        {
            mono.CopyTo(output);
            return;
        }

        output.Clear();
        for (var i = 0; i < mono.Length; i++)
            output[i * _format.Outputs] = output[i * _format.Outputs + 1] = mono[i];
    }
}
