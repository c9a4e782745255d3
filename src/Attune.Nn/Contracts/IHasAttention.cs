using Attune.Nn.Mixers;

namespace Attune.Nn.Contracts;

/// <summary>A backbone whose blocks have heads of self-attention, which can be gated (<see cref="Pass.HeadGates"/>) and pruned.</summary>
public interface IHasAttention
{
    /// <summary>The self-attention of each block in the order in which they run; null where another mixer stands.</summary>
    IReadOnlyList<AttentionShape?> Attentions { get; }
}
