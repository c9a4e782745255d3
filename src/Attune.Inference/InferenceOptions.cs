using Attune.Tensors;

namespace Attune.Inference;

/// <summary>What becomes of a text that is longer than the model.</summary>
public enum TooLong
{
    /// <summary>It is refused with an error that names both lengths.</summary>
    Error,

    /// <summary>Its end is cut off; where it is to be continued, its beginning.</summary>
    Truncate,
}

/// <summary>How requests are run.</summary>
public sealed record InferenceOptions
{
    /// <summary>
    /// The most tokens that one pass takes; more texts take more passes, one on each thread at the same time. As many as fit the caches: larger
    /// passes are slower. Texts are merged in their order without padding, so nothing is gained by sorting them.
    /// </summary>
    public int MaxTokensPerBatch { get; init; } = 256;

    /// <summary>What becomes of a text that is longer than the model.</summary>
    public TooLong TooLong { get; init; } = TooLong.Error;

    /// <summary>The arithmetic of products with weights.</summary>
    public Precision Precision { get; init; }
}
