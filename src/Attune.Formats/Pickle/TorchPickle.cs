using System.Buffers.Binary;
using System.Text;

namespace Attune.Formats;

/// <summary>The pickle (protocol 2) of a dictionary of tensors whose elements lie in storages named 0, 1, 2 and so on.</summary>
internal static class TorchPickle
{
    private const byte Protocol = 0x80, Global = (byte)'c', Mark = (byte)'(', EmptyTuple = (byte)')', Tuple = (byte)'t', Reduce = (byte)'R';
    private const byte Unicode = (byte)'X', Int32 = (byte)'J', Long = 0x8a, False = 0x89, PersistentId = (byte)'Q', SetItems = (byte)'u', Stop = (byte)'.';

    /// <summary>Writes the pickle.</summary>
    /// <exception cref="ArgumentException">A tensor is of a type that PyTorch's storages do not have.</exception>
    public static byte[] Of(IReadOnlyList<SafetensorsWriter.PendingTensor> tensors)
    {
        using MemoryStream pickle = new();
        pickle.Write([Protocol, 2]);
        Dictionary(pickle);
        pickle.WriteByte(Mark);
        for (int i = 0; i < tensors.Count; i++)
        {
            Text(pickle, tensors[i].Name);
            Tensor(pickle, tensors[i], i);
        }
        pickle.Write([SetItems, Stop]);
        return pickle.ToArray();
    }

    private static void Tensor(Stream pickle, SafetensorsWriter.PendingTensor tensor, int storage)
    {
        string type = TorchConstructors.StorageOf(tensor.DType)
            ?? throw new ArgumentException($"Tensor '{tensor.Name}' is of type {tensor.DType.Name()}, which PyTorch checkpoints do not have.", nameof(tensor));
        long count = tensor.ByteLength / tensor.DType.Size();
        Name(pickle, "torch._utils", "_rebuild_tensor_v2");
        pickle.WriteByte(Mark);

        pickle.WriteByte(Mark);
        Text(pickle, "storage");
        Name(pickle, "torch", type);
        Text(pickle, FormattableString.Invariant($"{storage}"));
        Text(pickle, "cpu");
        Number(pickle, count);
        pickle.Write([Tuple, PersistentId]);

        Number(pickle, 0);
        Numbers(pickle, [.. tensor.Shape.Select(extent => (long)extent)]);
        Numbers(pickle, StridedCopy.ContiguousStrides(tensor.Shape));
        // No gradient is wanted, and there are no hooks.
        pickle.WriteByte(False);
        Dictionary(pickle);
        pickle.Write([Tuple, Reduce]);
    }

    private static void Dictionary(Stream pickle)
    {
        Name(pickle, "collections", "OrderedDict");
        pickle.Write([EmptyTuple, Reduce]);
    }

    private static void Name(Stream pickle, string module, string name)
    {
        pickle.WriteByte(Global);
        pickle.Write(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
    }

    private static void Text(Stream pickle, string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        pickle.WriteByte(Unicode);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        pickle.Write(length);
        pickle.Write(utf8);
    }

    private static void Numbers(Stream pickle, ReadOnlySpan<long> numbers)
    {
        pickle.WriteByte(Mark);
        foreach (long number in numbers)
            Number(pickle, number);
        pickle.WriteByte(Tuple);
    }

    private static void Number(Stream pickle, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        if (number is >= int.MinValue and <= int.MaxValue)
        {
            pickle.WriteByte(Int32);
            pickle.Write(bytes[..sizeof(int)]);
        }
        else
        {
            pickle.Write([Long, sizeof(long)]);
            pickle.Write(bytes);
        }
    }
}
