using System.Collections.Concurrent;

namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>
/// Impulse responses of a box-shaped room by the image method: every reflection is a mirror image of the source, fainter with
/// each wall and with distance.
/// </summary>
internal static class RoomResponse
{
    // A long response takes a second to calculate, and benchmarks ask for the same few again and again.
    private static readonly ConcurrentDictionary<(double X, double Y, double Z, double Time, int Rate), Lazy<float[]>> s_known = new();

    private const double SpeedOfSound = 343;
    private static readonly double[] s_size = [5.2, 4.1, 2.6];
    private static readonly double[] s_microphone = [2.5, 1.6, 0.9];

    /// <summary>Where the loudspeaker stands, 40 cm from the microphone, and where the user sits, 60 cm from it.</summary>
    public static readonly double[] Loudspeaker = [2.1, 1.6, 0.9], User = [2.6, 2.17, 1.1];

    /// <summary>Where the loudspeaker stands after somebody has moved it, as far from the microphone as before.</summary>
    public static readonly double[] Moved = [2.5, 1.25, 1.1];

    /// <summary>The response from a source to the microphone, beginning with the direct sound, with unit energy if <paramref name="normalise"/>, else with a direct sound of 1.</summary>
    /// <param name="source">Metres from a corner.</param>
    /// <param name="reverberationTime">RT60 in seconds; 0 for the direct sound alone.</param>
    /// <param name="sampleRate">Samples per second.</param>
    /// <param name="normalise">Scale to unit energy.</param>
    public static float[] Calculate(double[] source, double reverberationTime, int sampleRate, bool normalise)
    {
        if (reverberationTime <= 0)
            return [1f];
        var response = s_known.GetOrAdd(
            (source[0], source[1], source[2], reverberationTime, sampleRate),
            _ => new Lazy<float[]>(() => Reflections(source, reverberationTime, sampleRate))).Value.ToArray();
        if (normalise)
        {
            var energy = Math.Sqrt(response.Sum(v => (double)v * v));
            for (var i = 0; i < response.Length; i++)
                response[i] = (float)(response[i] / energy);
        }

        return response;
    }

    private static float[] Reflections(double[] source, double reverberationTime, int sampleRate)
    {
        var direct = Distance(source, s_microphone);
        var response = new float[(int)(Math.Min(reverberationTime, 1.5) * sampleRate)];
        var volume = s_size[0] * s_size[1] * s_size[2];
        var surface = 2 * (s_size[0] * s_size[1] + s_size[0] * s_size[2] + s_size[1] * s_size[2]);
        // Eyring: absorption that makes the sound fall by 60 dB in the time given.
        var reflection = Math.Sqrt(Math.Exp(-0.161 * volume / (surface * reverberationTime)));
        var reach = direct + response.Length * SpeedOfSound / sampleRate;
        var orders = s_size.Select(side => (int)Math.Ceiling(reach / (2 * side))).ToArray();
        for (var nx = -orders[0]; nx <= orders[0]; nx++)
            for (var ny = -orders[1]; ny <= orders[1]; ny++)
                for (var nz = -orders[2]; nz <= orders[2]; nz++)
                    for (var mirror = 0; mirror < 8; mirror++)
                    {
                        var (px, py, pz) = (mirror & 1, (mirror >> 1) & 1, mirror >> 2);
                        var (x, y, z) = (Image(0, nx, px), Image(1, ny, py), Image(2, nz, pz));
                        var distance = Math.Sqrt(x * x + y * y + z * z);
                        var place = (distance - direct) / SpeedOfSound * sampleRate;
                        var index = (int)place;
                        if (index >= response.Length - 1)
                            continue;
                        var walls = Math.Abs(nx - px) + Math.Abs(nx) + Math.Abs(ny - py) + Math.Abs(ny) + Math.Abs(nz - pz) + Math.Abs(nz);
                        // A real room's walls are no mirrors; changing signs keep the images from adding up to a tone.
                        var gain = direct / distance * Math.Pow(reflection, walls) * (walls % 2 == 0 ? 1 : -1);
                        var fraction = place - index;
                        response[index] += (float)(gain * (1 - fraction));
                        response[index + 1] += (float)(gain * fraction);
                    }

        return response;

        double Image(int axis, int order, int mirrored) =>
            (mirrored == 0 ? source[axis] : -source[axis]) + 2 * order * s_size[axis] - s_microphone[axis];
    }

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (p, q) => (p - q) * (p - q)).Sum());
}
