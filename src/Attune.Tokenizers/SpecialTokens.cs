namespace Attune.Tokenizers;

/// <summary>
/// The ids of the tokens with a role, each null where the tokenizer has none. They come from <c>tokenizer_config.json</c> or
/// <c>special_tokens_map.json</c>, or else from the names by which published vocabularies call them.
/// </summary>
public sealed record SpecialTokens
{
    /// <summary>Stands where a token is hidden (<c>[MASK]</c>, <c>&lt;mask&gt;</c>).</summary>
    public int? Mask { get; init; }

    /// <summary>Fills short rows (<c>[PAD]</c>, <c>&lt;pad&gt;</c>).</summary>
    public int? Pad { get; init; }

    /// <summary>Stands for what the vocabulary cannot express (<c>[UNK]</c>, <c>&lt;unk&gt;</c>).</summary>
    public int? Unknown { get; init; }

    /// <summary>Stands for the whole sequence (<c>[CLS]</c>, <c>&lt;s&gt;</c>).</summary>
    public int? Cls { get; init; }

    /// <summary>Separates or closes sequences (<c>[SEP]</c>, <c>&lt;/s&gt;</c>).</summary>
    public int? Sep { get; init; }

    /// <summary>Opens a text (<c>&lt;s&gt;</c>, <c>&lt;|endoftext|&gt;</c>).</summary>
    public int? Bos { get; init; }

    /// <summary>Closes a text (<c>&lt;/s&gt;</c>, <c>&lt;|endoftext|&gt;</c>).</summary>
    public int? Eos { get; init; }
}
