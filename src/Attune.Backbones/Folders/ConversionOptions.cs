using Attune.Formats;

namespace Attune.Backbones.Folders;

/// <summary>What a model folder is converted to.</summary>
public sealed record ConversionOptions
{
    /// <summary>The layout of the weights.</summary>
    public WeightLayoutOnDisk Layout { get; init; }

    /// <summary>The most bytes of weights in one safetensors file.</summary>
    public long ShardBytes { get; init; } = 5_000_000_000;

    /// <summary>The type that floating-point weights are rounded to (F32, BF16, F16); null leaves them as they are, byte for byte.</summary>
    public DType? DType { get; init; }

    /// <summary>The published class whose heads the result has; null for the folder's own.</summary>
    public string? Architecture { get; init; }

    /// <summary>The names of the classes of a new head; null for those of the configuration.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Whether heads that the weights do not hold start from their initialiser; otherwise they are an error.</summary>
    public bool InitializeMissing { get; init; }

    /// <summary>The seed of what is initialised.</summary>
    public ulong Seed { get; init; }
}

/// <summary>How weights lie in a folder.</summary>
public enum WeightLayoutOnDisk
{
    /// <summary><c>model.safetensors</c>, or shards with an index.</summary>
    Safetensors,

    /// <summary><c>pytorch_model.bin</c>, as <c>torch.save</c> writes it.</summary>
    PyTorch,
}

/// <summary>A model folder that was converted.</summary>
/// <param name="Tensors">The tensors that were written.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Initialized">Those that the source did not hold and that start from their initialiser.</param>
/// <param name="Dropped">Tensors of the source that the result does not have: heads of another class.</param>
public sealed record ConvertedModel(int Tensors, long Bytes, IReadOnlyList<string> Initialized, IReadOnlyList<string> Dropped);
