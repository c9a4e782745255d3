using Attune.Tokenizers.Components;

namespace Attune.Tokenizers.PreTokenizers;

/// <summary>All pre-tokenizers that <c>tokenizer.json</c> can name.</summary>
internal static class PreTokenizerTable
{
    /// <summary>The table: one line a pre-tokenizer.</summary>
    public static ComponentTable<IPreTokenizer> All { get; } = new("pre-tokenizer", new()
    {
        ["BertPreTokenizer"] = _ => new BertPreTokenizer(),
        ["ByteLevel"] = ByteLevelPreTokenizer.Read,
        ["CharDelimiterSplit"] = fields => new CharDelimiterSplit(fields.ReadRune("delimiter")),
        ["Digits"] = fields => new DigitsPreTokenizer(fields.Bool("individual_digits", false)),
        ["FixedLength"] = fields => new FixedLengthPreTokenizer(fields.Size("length", 5)),
        ["Metaspace"] = fields => new MetaspacePreTokenizer(Metaspace.Read(fields)),
        ["Punctuation"] = fields => new PunctuationPreTokenizer(fields.ReadBehavior("behavior", Text.SplitBehavior.Isolated)),
        ["Sequence"] = fields => new PreTokenizerSequence(All!.ReadAll(fields, "pretokenizers")),
        ["Split"] = SplitPreTokenizer.Read,
        ["UnicodeScripts"] = _ => new UnicodeScriptsPreTokenizer(),
        ["Whitespace"] = _ => new WhitespacePreTokenizer(),
        ["WhitespaceSplit"] = _ => new WhitespaceSplit(),
    });
}
