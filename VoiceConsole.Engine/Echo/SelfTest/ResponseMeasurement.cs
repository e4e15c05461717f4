using System.Numerics.Tensors;
using VoiceConsole.Engine.Audio;

namespace VoiceConsole.Engine.Echo.SelfTest;

/// <summary>The response between loudspeaker and microphone, out of a sweep that was played and what the microphone heard of it.</summary>
internal sealed class ResponseMeasurement
{
    private const int Rate = SelfTestSound.SampleRate, Step = Rate / 200;

    // The response must stand out of what was measured before its first sound.
    private const double Clear = 12;

    // Division by what the sweep hardly has would only be noise.
    private const double Regularisation = 1e-3;

    private ResponseMeasurement(float[] response, int onset, double distortion)
    {
        Response = response;
        Onset = onset;
        DistortionDb = distortion;
    }

    /// <summary>From the moment of playing on; played sound convolved with it is what was heard.</summary>
    public float[] Response { get; }

    /// <summary>Sample of the first sound; −1 where nothing was heard.</summary>
    public int Onset { get; }

    /// <summary>Power of what the response does not explain, less the noise, over that of the echo, dB.</summary>
    public double DistortionDb { get; }

    /// <param name="played">The sweep as it was rendered.</param>
    /// <param name="heard">The microphone in the same time and while the room rang out, at least as long.</param>
    /// <param name="noisePower">Mean power of the microphone when nothing was played.</param>
    public static ResponseMeasurement Of(ReadOnlySpan<float> played, ReadOnlySpan<float> heard, double noisePower)
    {
        var size = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)(2 * heard.Length));
        var fft = new Fft(size);
        float[] xRe = new float[size], xIm = new float[size], yRe = new float[size], yIm = new float[size];
        played.CopyTo(xRe);
        heard.CopyTo(yRe);
        fft.Transform(xRe, xIm);
        fft.Transform(yRe, yIm);
        var most = 0f;
        for (var i = 0; i <= size / 2; i++)
            most = Math.Max(most, xRe[i] * xRe[i] + xIm[i] * xIm[i]);
        float[] re = new float[size], im = new float[size];
        for (var i = 0; i <= size / 2; i++)
        {
            var power = xRe[i] * xRe[i] + xIm[i] * xIm[i] + (float)Regularisation * most;
            re[i] = (yRe[i] * xRe[i] + yIm[i] * xIm[i]) / power;
            im[i] = (yIm[i] * xRe[i] - yRe[i] * xIm[i]) / power;
        }

        im[0] = im[size / 2] = 0;
        fft.InverseReal(re, im);
        var response = re.AsSpan(0, heard.Length).ToArray();
        var peak = TensorPrimitives.IndexOfMaxMagnitude<float>(response);
        var floor = Math.Sqrt(TensorPrimitives.SumOfSquares<float>(re.AsSpan(size / 2, size / 4)) / (size / 4));
        if (20 * Math.Log10(Math.Abs(response[peak]) / (floor + 1e-12)) < Clear + 8 || Power(heard) < noisePower * 1.5)
            return new ResponseMeasurement(response, -1, 0);
        var onset = peak;
        while (onset > 0 && peak - onset < Rate / 50 && Math.Abs(response[onset - 1]) > 0.1 * Math.Abs(response[peak]))
            onset--;
        return new ResponseMeasurement(response, onset, Distortion(fft, xRe, xIm, response, heard, noisePower, size));
    }

    /// <summary>Energy of the response over 1, which is the echo's level over the played sound's, dB.</summary>
    public double LevelDb => 10 * Math.Log10(TensorPrimitives.SumOfSquares<float>(Response.AsSpan(Onset)) + 1e-12);

    /// <summary>The decay, dB below its beginning, each 5 ms: Schroeder's backward integral.</summary>
    public double[] Decay()
    {
        var blocks = Math.Min(200, (Response.Length - Onset) / Step);
        var energy = new double[blocks];
        for (var block = 0; block < blocks; block++)
            energy[block] = TensorPrimitives.SumOfSquares<float>(Response.AsSpan(Onset + block * Step, Step));
        // What is left at the end is noise, and would lift the whole curve.
        var noise = energy[(blocks * 3 / 4)..].Average();
        var end = Array.FindIndex(energy, e => e < 2 * noise);
        var sum = 0.0;
        for (var block = blocks - 1; block >= 0; block--)
            energy[block] = sum += end >= 0 && block >= end ? 0 : Math.Max(0, energy[block] - noise);
        return [.. energy.Select(e => Math.Round(Math.Max(-80, 10 * Math.Log10((e + 1e-15) / (sum + 1e-15))), 1))];
    }

    /// <summary>RT60 from the decay between −5 and −25 dB, ms; 0 where the noise hides it.</summary>
    public static double TailMs(double[] decay)
    {
        var from = Array.FindIndex(decay, d => d <= -5);
        var to = Array.FindIndex(decay, d => d <= -25);
        return from < 0 || to <= from ? 0 : 60 / (decay[from] - decay[to]) * (to - from) * 5;
    }

    private static double Distortion(Fft fft, float[] xRe, float[] xIm, float[] response, ReadOnlySpan<float> heard, double noisePower, int size)
    {
        float[] re = new float[size], im = new float[size];
        // Only what a room does: the rest of the deconvolution is the distortion itself.
        response.AsSpan().CopyTo(re);
        fft.Transform(re, im);
        for (var i = 0; i <= size / 2; i++)
            (re[i], im[i]) = (re[i] * xRe[i] - im[i] * xIm[i], re[i] * xIm[i] + im[i] * xRe[i]);
        im[0] = im[size / 2] = 0;
        fft.InverseReal(re, im);
        double left = 0, all = 1e-12;
        for (var i = 0; i < heard.Length; i++)
        {
            left += (heard[i] - re[i]) * (heard[i] - re[i]);
            all += heard[i] * heard[i];
        }

        return Math.Round(10 * Math.Log10(Math.Max(1e-6, (left - noisePower * heard.Length) / all)), 1);
    }

    private static double Power(ReadOnlySpan<float> sound) => TensorPrimitives.SumOfSquares(sound) / (double)sound.Length;
}
