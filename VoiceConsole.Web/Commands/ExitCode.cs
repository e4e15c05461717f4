namespace VoiceConsole.Web.Commands;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;

    /// <summary>The command line or a file given on it makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>A model or native part cannot be had.</summary>
    public const int PartUnavailable = 3;

    /// <summary>The audio device cannot be used.</summary>
    public const int DeviceUnavailable = 4;

    /// <summary>Stopped with Ctrl+C.</summary>
    public const int Cancelled = 130;
}
