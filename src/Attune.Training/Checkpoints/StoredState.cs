using System.Runtime.InteropServices;
using Attune.Formats;
using Attune.Tensors;

namespace Attune.Training.Checkpoints;

/// <summary>What reading weights and reading optimizer state have in common.</summary>
internal static class StoredState
{
    public const string Advice = "The checkpoint is of another model; continue with the model it was made with, or start in an empty folder.";

    /// <summary>The float32 tensor of a name and shape.</summary>
    /// <exception cref="AttuneFormatException">It is missing, or of another type or shape.</exception>
    public static StoredTensor Find(SafetensorsFile file, string name, Shape shape)
    {
        if (!file.TryGet(name, out StoredTensor? stored))
            throw new AttuneFormatException(file.Path, $"tensor '{name}'", "nothing", $"a tensor {shape}", Advice);
        Check(file, stored, shape);
        return stored;
    }

    /// <summary>Refuses a tensor of another type or shape.</summary>
    public static void Check(SafetensorsFile file, StoredTensor stored, Shape shape)
    {
        if (stored.DType != DType.F32 || !shape.ToArray().AsSpan().SequenceEqual(stored.Shape.AsSpan()))
            throw new AttuneFormatException(
                file.Path, $"tensor '{stored.Name}'", $"{stored.DType.Name()} {stored.ShapeText}", $"F32 {shape}", Advice);
    }

    /// <summary>Copies the elements.</summary>
    public static unsafe void Copy(StoredTensor stored, Tensor target)
    {
        Buffer.MemoryCopy(stored.Pointer, target.Pointer, target.Count * sizeof(float), stored.ByteLength);
        GC.KeepAlive(stored);
    }

    /// <summary>Adds a whole number.</summary>
    public static void AddNumber(SafetensorsWriter writer, string name, long value) =>
        writer.Add(name, DType.I64, [], stream => stream.Write(MemoryMarshal.AsBytes<long>([value])));

    /// <summary>Reads a whole number that is at least 1.</summary>
    /// <exception cref="AttuneFormatException">The tensor is something else.</exception>
    public static long ReadNumber(SafetensorsFile file, StoredTensor stored)
    {
        if (stored.DType != DType.I64 || stored.Count != 1)
            throw new AttuneFormatException(file.Path, $"tensor '{stored.Name}'", $"{stored.DType.Name()} {stored.ShapeText}", "one I64 number");
        long value = MemoryMarshal.Read<long>(stored.Bytes);
        return value >= 1 ? value : throw new AttuneFormatException(file.Path, $"tensor '{stored.Name}'", $"{value}", "a number of at least 1");
    }
}
