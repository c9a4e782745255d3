using Attune.Tokenizers.Models;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.Pipeline;

/// <summary>The buffers that one text at a time goes through.</summary>
/// <param name="tracksOffsets">Whether the origin of each character is kept.</param>
/// <param name="wantsSpellings">Whether the spelling of unknown tokens is wanted.</param>
internal sealed class PipelineWorkspace(bool tracksOffsets, bool wantsSpellings)
{
    /// <summary>The text as it came.</summary>
    public NormalizedText Raw { get; } = new(tracksOffsets);

    /// <summary>A stretch of it between added tokens, being normalized.</summary>
    public NormalizedText Normalized { get; } = new(tracksOffsets);

    /// <summary>The pieces.</summary>
    public PreTokenizedText Pieces { get; } = new(tracksOffsets);

    /// <summary>The tokens of a piece.</summary>
    public TokenOutput Output { get; } = new() { WantsSpellings = wantsSpellings };

    /// <summary>Ids of segments met before; null where segments are not independent of each other.</summary>
    public SegmentCache? Cache { get; init; }
}
