using VoiceConsole.Engine.Audio;

namespace VoiceConsole.Engine.Echo.SelfTest;

/// <summary>Plays a sound through a device and keeps what its microphone hears of it.</summary>
internal static class DeviceSound
{
    // Less than a device's queue.
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(5);

    /// <summary>The frames as the device saw them, until all has been rendered.</summary>
    /// <param name="device">Not started yet.</param>
    /// <param name="sound">In the device's format.</param>
    /// <param name="progress">Receives 0 to 1.</param>
    /// <param name="cancellationToken">Stops the sound, too.</param>
    /// <exception cref="AudioDeviceException">The device cannot be opened, or was lost on the way.</exception>
    public static async Task<(float[] Captured, float[] Rendered)> PlayAsync(IAudioDevice device, float[] sound, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        List<float> captured = [], rendered = [];
        device.Start(() => { });
        try
        {
            for (var written = 0; captured.Count < sound.Length + device.Format.FrameSamples;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (device.Status.State is AudioDeviceState.Lost)
                    throw new AudioDeviceException($"The self-test was broken off: {device.Status.Problem}");
                while (device.TryRead(out var frame))
                {
                    captured.AddRange(frame.Captured);
                    rendered.AddRange(frame.Rendered);
                }

                var count = Math.Min(device.WritableSamples, sound.Length - written);
                if (count > 0)
                {
                    device.Write(sound.AsSpan(written, count), written + count < sound.Length);
                    written += count;
                }

                progress?.Report(Math.Min(1, captured.Count / (double)sound.Length));
                await Task.Delay(s_poll, device.Clock.Time, cancellationToken);
            }
        }
        finally
        {
            device.Discard();
        }

        return ([.. captured], [.. rendered]);
    }
}
