using MudBlazor;

namespace VoiceConsole.Web.Components.Layout;

/// <summary>The console's colours and type: system fonts, so that nothing is fetched from elsewhere.</summary>
internal static class ConsoleTheme
{
    private static readonly string[] s_fonts = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "DejaVu Sans", "sans-serif"];

    public static readonly MudTheme Theme = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#2f4bd0",
            PrimaryContrastText = "#ffffff",
            Error = "#b3261e",
            Warning = "#8a5300",
            Success = "#17693a",
            Info = "#1b5fa8",
            Background = "#f5f6fa",
            Surface = "#ffffff",
            TextPrimary = "#171a26",
            TextSecondary = "#505567",
            LinesDefault = "#dde0ea",
            ActionDefault = "#505567",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#9db1ff",
            PrimaryContrastText = "#0d1330",
            Error = "#ffb0a8",
            ErrorContrastText = "#410a05",
            Warning = "#ffc978",
            Success = "#7fdca3",
            Info = "#90c7ff",
            Background = "#0f1118",
            Surface = "#181b26",
            TextPrimary = "#eceef6",
            TextSecondary = "#adb3c6",
            LinesDefault = "#2e3344",
            ActionDefault = "#adb3c6",
            ActionDisabled = "#8389a0",
            ActionDisabledBackground = "#272b3a",
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "10px" },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = s_fonts },
            Button = new ButtonTypography { FontFamily = s_fonts, TextTransform = "none", FontWeight = "600" },
        },
    };
}
