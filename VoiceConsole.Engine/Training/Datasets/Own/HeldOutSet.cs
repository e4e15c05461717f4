namespace VoiceConsole.Engine.Training.Datasets.Own;

/// <summary>Prompts that no training set holds, by what they may be used for.</summary>
public enum HeldOutSet
{
    /// <summary>100 of each language, every intent among them. Recipes were chosen by these.</summary>
    First,

    /// <summary>The held-out phrasings that are not among <see cref="First"/>. Recipes were chosen by these, too.</summary>
    Rest,

    /// <summary>One of each intent and language, written without a look at what is taught, and not looked at while the model was made.</summary>
    Blind,
}
