using Attune.Tokenizers.Components;

namespace Attune.Tokenizers.Normalizers;

/// <summary>All normalizers that <c>tokenizer.json</c> can name.</summary>
internal static class NormalizerTable
{
    /// <summary>The table: one line a normalizer.</summary>
    public static ComponentTable<INormalizer> All { get; } = new("normalizer", new()
    {
        ["BertNormalizer"] = BertNormalizer.Read,
        ["ByteLevel"] = _ => new ByteLevelNormalizer(),
        ["Lowercase"] = _ => new LowercaseNormalizer(),
        ["NFC"] = _ => new UnicodeNormalizer(UnicodeForm.Nfc),
        ["NFD"] = _ => new UnicodeNormalizer(UnicodeForm.Nfd),
        ["NFKC"] = _ => new UnicodeNormalizer(UnicodeForm.Nfkc),
        ["NFKD"] = _ => new UnicodeNormalizer(UnicodeForm.Nfkd),
        ["Nmt"] = _ => new NmtNormalizer(),
        ["Precompiled"] = PrecompiledNormalizer.Read,
        ["Prepend"] = fields => new PrependNormalizer(fields.String("prepend")),
        ["Replace"] = ReplaceNormalizer.Read,
        ["Sequence"] = fields => new NormalizerSequence(All!.ReadAll(fields, "normalizers")),
        ["Strip"] = fields => new StripNormalizer(fields.Bool("strip_left", true), fields.Bool("strip_right", true)),
        ["StripAccents"] = _ => new StripAccentsNormalizer(),
    });
}
