using System.Text.Json.Nodes;
using Attune.Formats;

namespace Attune.Tokenizers.Loading;

/// <summary>The families whose pipelines differ although their files look alike.</summary>
internal enum TokenizerFamilyKind
{
    /// <summary>None of the others.</summary>
    Plain,

    /// <summary>RoBERTa and BART: byte-level, framed.</summary>
    Roberta,

    /// <summary>The first GPT: words with an end mark.</summary>
    OpenAiGpt,

    /// <summary>T5: sentinels, an end of text.</summary>
    T5,

    /// <summary>ALBERT: lower case without accents, framed.</summary>
    Albert,

    /// <summary>XLNet: framed at the end.</summary>
    XlNet,
}

/// <summary>Tells a folder's family.</summary>
internal static class TokenizerFamily
{
    /// <summary>The family by <c>tokenizer_class</c>, or else by the model's type in <c>config.json</c>.</summary>
    /// <exception cref="AttuneFormatException">A file is malformed.</exception>
    public static TokenizerFamilyKind Find(string folder, TokenizerSettings settings)
    {
        var name = settings.Config.TryGetPropertyValue("tokenizer_class", out var node) && node is JsonValue value && value.TryGetValue<string>(out var given) ? given : null;
        var config = Path.Combine(folder, "config.json");
        if (name is null && File.Exists(config)) name = JsonFields.Load(config).StringOrNull("model_type");
        name = (name ?? "").Replace("-", "", StringComparison.Ordinal).ToLowerInvariant();
        return name switch
        {
            _ when name.StartsWith("openai", StringComparison.Ordinal) => TokenizerFamilyKind.OpenAiGpt,
            _ when name.StartsWith("roberta", StringComparison.Ordinal) || name.StartsWith("bart", StringComparison.Ordinal) => TokenizerFamilyKind.Roberta,
            _ when name.StartsWith("t5", StringComparison.Ordinal) || name.StartsWith("switch", StringComparison.Ordinal) => TokenizerFamilyKind.T5,
            _ when name.StartsWith("albert", StringComparison.Ordinal) => TokenizerFamilyKind.Albert,
            _ when name.StartsWith("xlnet", StringComparison.Ordinal) => TokenizerFamilyKind.XlNet,
            _ => TokenizerFamilyKind.Plain,
        };
    }
}
