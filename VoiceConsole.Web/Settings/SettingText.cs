using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using VoiceConsole.Web.Texts;

namespace VoiceConsole.Web.Settings;

/// <summary>Settings as a form has them: a text for each field, empty where nothing is set.</summary>
internal static class SettingText
{
    public const string On = "on", Off = "off";

    /// <summary>The value of a field, or null.</summary>
    public static object? Get(ConsoleSettings settings, SettingField field) => typeof(ConsoleSettings).GetProperty(field.Id)!.GetValue(settings);

    /// <summary>A value as it is written.</summary>
    public static string Of(object? value) => value switch
    {
        null => "",
        bool on => on ? On : Off,
        double number => number.ToString("0.######", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    /// <summary>Why a text cannot be the field's, in a sentence; null when it can.</summary>
    /// <param name="t">The reader's language; null for English.</param>
    public static string? Problem(SettingField field, string text, PageTexts? t = null)
    {
        t ??= new PageTexts();
        if (text.Length == 0)
            return null;
        switch (field.Kind)
        {
            case SettingKind.Number:
                if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
                    return t["This is no number."];
                if (field.IsWhole && number != Math.Floor(number))
                    return t["This has to be a whole number."];
                return number < field.Least || number > field.Most ? t["It is {0} to {1}.", Of(field.Least), Of(field.Most)] : null;
            case SettingKind.Choice:
                return field.Choices.Contains(text) ? null : t["There is: {0}.", string.Join(", ", field.Choices)];
            case SettingKind.Switch:
                return text is On or Off ? null : t["It is on or off."];
            default:
                return text.Length > field.Longest ? t["It has {0:N0} characters; at most {1:N0} are kept.", text.Length, field.Longest]
                    : text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) ? t["It has characters that cannot be seen."]
                    : null;
        }
    }

    /// <summary>The settings with a field set to a text that has no <see cref="Problem"/>; empty sets it back to the default.</summary>
    public static ConsoleSettings With(ConsoleSettings settings, SettingField field, string text)
    {
        var json = JsonSerializer.SerializeToNode(settings, SettingsFile.Json)!.AsObject();
        json[JsonNamingPolicy.CamelCase.ConvertName(field.Id)] = text.Length == 0 ? null : field.Kind switch
        {
            SettingKind.Number when field.IsWhole => JsonValue.Create((int)double.Parse(text, CultureInfo.InvariantCulture)),
            SettingKind.Number => JsonValue.Create(double.Parse(text, CultureInfo.InvariantCulture)),
            SettingKind.Switch => JsonValue.Create(text == On),
            _ => JsonValue.Create(text),
        };
        return json.Deserialize<ConsoleSettings>(SettingsFile.Json)!;
    }
}
