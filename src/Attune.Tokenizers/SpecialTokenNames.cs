namespace Attune.Tokenizers;

/// <summary>Finds the tokens with a role: by the files, or else by the names that published vocabularies use.</summary>
internal static class SpecialTokenNames
{
    /// <summary>The special tokens of a tokenizer.</summary>
    public static SpecialTokens Find(Tokenizer tokenizer, TokenizerSettings settings)
    {
        return new SpecialTokens
        {
            Mask = Id("mask_token", "[MASK]", "<mask>"),
            Pad = Id("pad_token", "[PAD]", "<pad>"),
            Unknown = Id("unk_token", "[UNK]", "<unk>"),
            Cls = Id("cls_token", "[CLS]", "<cls>", "<s>"),
            Sep = Id("sep_token", "[SEP]", "<sep>", "</s>"),
            Bos = Id("bos_token", "<s>", "<|endoftext|>", "[BOS]"),
            Eos = Id("eos_token", "</s>", "<|endoftext|>", "[EOS]"),
        };

        int? Id(string role, params ReadOnlySpan<string> names)
        {
            if (settings.Roles.TryGetValue(role, out var name)) return tokenizer.TokenToId(name);
            // A file that names some roles means the others to be absent.
            if (settings.Roles.Count > 0) return null;
            foreach (var usual in names)
            {
                if (tokenizer.TokenToId(usual) is { } id) return id;
            }

            return null;
        }
    }
}
