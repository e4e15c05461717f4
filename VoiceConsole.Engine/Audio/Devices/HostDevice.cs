namespace VoiceConsole.Engine.Audio.Devices;

/// <summary>A sound device of this machine.</summary>
/// <param name="Index">Its number, as --mic and --speaker take it.</param>
/// <param name="Name">As the system calls it.</param>
/// <param name="Inputs">Channels in; 0 for none.</param>
/// <param name="Outputs">Channels out; 0 for none.</param>
/// <param name="SampleRate">The one it prefers.</param>
/// <param name="IsDefaultInput">Taken when no microphone is named.</param>
/// <param name="IsDefaultOutput">Taken when no loudspeaker is named.</param>
public sealed record HostDevice(int Index, string Name, int Inputs, int Outputs, double SampleRate, bool IsDefaultInput, bool IsDefaultOutput)
{
    public override string ToString() =>
        $"{Index,3}  {Name} ({Inputs} in, {Outputs} out, {SampleRate:0} Hz){(IsDefaultInput ? ", default microphone" : "")}{(IsDefaultOutput ? ", default loudspeaker" : "")}";
}
