using Attune.Tensors;

namespace Attune.Nn.Contracts;

/// <summary>
/// What decoding step by step keeps of one stack between calls: keys and values, or the last inputs of a convolution. A batch
/// that carries one holds only the new rows of each sequence; the earlier ones are in the state.
/// </summary>
/// <remarks>Belongs to one thread and to forward passes that do not record.</remarks>
public interface IDecodingState
{
    /// <summary>How many rows of a sequence have been read before.</summary>
    int Length(int sequence);

    /// <summary>Counts the rows of a batch as read: called once, when all blocks have run.</summary>
    void Advance(Segments segments);
}
