
namespace Attune.Tokenizers.Pipeline;

/// <summary>
/// Cuts original text into segments that can be encoded one by one: their ids, put one behind the other, are the ids of the whole.
/// </summary>
/// <remarks>Which pipelines allow that, and where their texts may be cut, is what each implementation knows. Safe for concurrent use.</remarks>
internal interface ISegmenter
{
    /// <summary>Measures the segment at the front of a text.</summary>
    /// <param name="text">Not empty.</param>
    /// <param name="skip">How many units before it give no ids at all.</param>
    /// <param name="length">Its length in units; 0 where nothing is left but what is skipped.</param>
    void Next(ReadOnlySpan<char> text, out int skip, out int length);

    /// <summary>Encodes a segment that is not remembered.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="workspace">Buffers; its output gets the ids.</param>
    void Encode(ReadOnlySpan<char> segment, PipelineWorkspace workspace);
}
