using Attune.Nn.Contracts;

namespace Attune.Backbones.Folders;

/// <summary>How a model folder is loaded.</summary>
public sealed record LoadOptions
{
    /// <summary>The heads to build; null builds those of the folder's own architecture.</summary>
    public IReadOnlyList<HeadRequest>? Heads { get; init; }

    /// <summary>Whether the parameters are copied to memory that can be trained; otherwise the mapped file is used as it is.</summary>
    public bool Trainable { get; init; }

    /// <summary>What happens to parameters that the file does not hold. What belongs to the body is an error always.</summary>
    public MissingHeads MissingHeads { get; init; }

    /// <summary>The seed of what is initialised.</summary>
    public ulong Seed { get; init; }
}

/// <summary>What becomes of heads (and poolers) that a weight file does not hold.</summary>
public enum MissingHeads
{
    /// <summary>They are an error.</summary>
    Refused,

    /// <summary>Those that the folder's own architecture does not have start from their initialiser.</summary>
    NewInitialized,

    /// <summary>All start from their initialiser, also those that the folder's own architecture should have.</summary>
    AllInitialized,
}

/// <summary>A model that was loaded, and what the file and the model did not have in common.</summary>
/// <param name="Model">The model.</param>
/// <param name="Initialized">Parameters that were not in the file and start from their initialiser.</param>
/// <param name="Unused">Tensors of the file that the model does not use: heads that were not asked for.</param>
public sealed record LoadedModel(Model Model, IReadOnlyList<string> Initialized, IReadOnlyList<string> Unused);
