namespace Attune.Nn.Contracts;

/// <summary>What a backbone or a mixer can do, and what an objective or task needs a backbone to do.</summary>
[Flags]
public enum Capabilities
{
    /// <summary>Nothing in particular.</summary>
    None = 0,

    /// <summary>A position sees what follows it.</summary>
    Bidirectional = 1 << 0,

    /// <summary>A position sees only itself and what precedes it.</summary>
    Causal = 1 << 1,

    /// <summary>A decoder reads an encoder's output.</summary>
    EncoderDecoder = 1 << 2,

    /// <summary>A query stream that does not see its own token (XLNet).</summary>
    TwoStream = 1 << 3,

    /// <summary>States of earlier segments are read (Transformer-XL).</summary>
    Memory = 1 << 4,

    /// <summary>Gives maps of features over a plane (images).</summary>
    FeatureMap = 1 << 5,

    /// <summary>Vectors can be given in place of token ids.</summary>
    ReplaceableEmbeddings = 1 << 6,

    /// <summary>Takes token ids.</summary>
    Tokens = 1 << 7,

    /// <summary>Attention may be restricted pair by pair (prefix LM).</summary>
    FreeMask = 1 << 8,

    /// <summary>Takes entities aligned with tokens (ERNIE of THU).</summary>
    Entities = 1 << 9,

    /// <summary>Takes pixels.</summary>
    Images = 1 << 10,

    /// <summary>Knows nothing of the order of rows: those of the result move with those that are read (sets, attention without positions).</summary>
    Unordered = 1 << 11,
}
