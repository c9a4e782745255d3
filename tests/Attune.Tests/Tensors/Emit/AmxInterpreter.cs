using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Iced.Intel;

namespace Attune.Tests.Tensors.Emit;

/// <summary>
/// AMX's tiles as Intel's manual defines them (volume 1, chapter "Programming with Intel AMX"; volume 2, the instructions' pages), with the faults
/// that a CPU raises.
/// </summary>
internal sealed class AmxInterpreter(bool windows = false) : CodeInterpreter(windows)
{
    private const int Tiles = 8;
    private const int MostRows = 16;
    private const int MostRowBytes = 64;
    private const int FirstSize = 16;
    private const int FirstRows = 48;

    private readonly byte[][] data = [.. Enumerable.Range(0, Tiles).Select(_ => new byte[MostRows * MostRowBytes])];
    private readonly (int Rows, int RowBytes)[] shapes = new (int, int)[Tiles];

    protected override void StepWide(in Instruction i)
    {
        switch (i.Mnemonic)
        {
            case Mnemonic.Ldtilecfg: Configure(Memory(Address(i), 64, writing: false)); break;
            case Mnemonic.Tilerelease: Release(); break;
            case Mnemonic.Tilezero: data[Tile(i.Op0Register)].AsSpan().Clear(); break;
            case Mnemonic.Tileloadd: Load(i); break;
            case Mnemonic.Tilestored: Store(i); break;
            case Mnemonic.Tdpbusd: Multiply(i, AddBytes); break;
            case Mnemonic.Tdpbf16ps: Multiply(i, AddBFloat16); break;
            default: throw new InvalidOperationException($"{i} is not among the instructions of a tile.");
        }
    }

    // A thread that keeps tiles in use costs the system eight kilobytes at every switch, and the next function may not expect them.
    protected override void CheckEnd()
    {
        if (shapes.Any(shape => shape.Rows != 0))
            throw new InvalidOperationException("The tiles are not released.");
    }

    private void Configure(ReadOnlySpan<byte> configuration)
    {
        if (configuration[0] > 1)
            throw new InvalidOperationException($"#GP: there is no palette {configuration[0]}.");
        if (configuration[1] != 0)
            throw new InvalidOperationException("Row 0 is not the first to be loaded.");
        if (configuration[2..FirstSize].ContainsAnyExcept((byte)0)
            || configuration[(FirstSize + (2 * Tiles))..FirstRows].ContainsAnyExcept((byte)0)
            || configuration[(FirstRows + Tiles)..].ContainsAnyExcept((byte)0))
        {
            throw new InvalidOperationException("#GP: reserved bytes of the configuration are not zero.");
        }

        Release();
        if (configuration[0] == 0)
            return;
        for (var tile = 0; tile < Tiles; tile++)
        {
            int rows = configuration[FirstRows + tile], rowBytes = BinaryPrimitives.ReadUInt16LittleEndian(configuration[(FirstSize + (2 * tile))..]);
            if (rows > MostRows || rowBytes > MostRowBytes)
                throw new InvalidOperationException($"#GP: tile {tile} cannot have {rows} rows of {rowBytes} bytes.");
            if (rows == 0 != (rowBytes == 0))
                throw new InvalidOperationException($"#GP: tile {tile} has {rows} rows of {rowBytes} bytes.");
            shapes[tile] = (rows, rowBytes);
        }
    }

    private void Release()
    {
        Array.Clear(shapes);
        foreach (var tile in data)
            tile.AsSpan().Clear();
    }

    private int Tile(Register register)
    {
        var tile = register - Register.TMM0;
        return shapes[tile].Rows > 0 ? tile : throw new InvalidOperationException($"#UD: tile {tile} is not configured.");
    }

    // Rows and bytes of a row beyond those of the configuration become zeros.
    private void Load(in Instruction i)
    {
        var tile = Tile(i.Op0Register);
        data[tile].AsSpan().Clear();
        for (var row = 0; row < shapes[tile].Rows; row++)
            Memory(RowAddress(i, row), shapes[tile].RowBytes, writing: false).CopyTo(data[tile].AsSpan(row * MostRowBytes));
    }

    private void Store(in Instruction i)
    {
        var tile = Tile(i.Op1Register);
        for (var row = 0; row < shapes[tile].Rows; row++)
            data[tile].AsSpan(row * MostRowBytes, shapes[tile].RowBytes).CopyTo(Memory(RowAddress(i, row), shapes[tile].RowBytes, writing: true));
    }

    // Of a tile's address the index register is not added but the distance of rows.
    private ulong RowAddress(in Instruction i, int row)
    {
        if (i.MemoryIndex == Register.None)
            throw new InvalidOperationException($"{i} has no register for the distance of rows.");
        return Value(i.MemoryBase) + i.MemoryDisplacement64 + ((ulong)row * Value(i.MemoryIndex) * (ulong)i.MemoryIndexScale);
    }

    private void Multiply(in Instruction i, Action<byte[], byte[], byte[], int, int, int> add)
    {
        int sum = Tile(i.Op0Register), left = Tile(i.Op1Register), right = Tile(i.Op2Register);
        if (sum == left || sum == right || left == right)
            throw new InvalidOperationException($"#UD: {i} has a tile twice.");
        var (rows, groups) = (shapes[left].Rows, shapes[left].RowBytes / 4);
        if (shapes[sum] != (rows, shapes[right].RowBytes) || shapes[right].Rows != groups || shapes[left].RowBytes % 4 != 0 || shapes[right].RowBytes % 4 != 0)
            throw new InvalidOperationException($"#UD: the tiles of {i} do not fit together.");
        add(data[sum], data[left], data[right], rows, shapes[right].RowBytes / 4, groups);
    }

    private static void AddBytes(byte[] sums, byte[] left, byte[] right, int rows, int columns, int groups)
    {
        var c = MemoryMarshal.Cast<byte, int>(sums.AsSpan());
        for (var m = 0; m < rows; m++)
        {
            for (var n = 0; n < columns; n++)
            {
                for (var k = 0; k < 4 * groups; k++)
                    c[(m * MostRowBytes / 4) + n] += left[(m * MostRowBytes) + k] * (sbyte)right[(k / 4 * MostRowBytes) + (4 * n) + (k % 4)];
            }
        }
    }

    // First and second halves of groups are added up apart, from zero; their sum is then added to what was there. Denormals count as zero.
    private static void AddBFloat16(byte[] sums, byte[] left, byte[] right, int rows, int columns, int groups)
    {
        var c = MemoryMarshal.Cast<byte, float>(sums.AsSpan());
        var a = MemoryMarshal.Cast<byte, ushort>(left);
        var b = MemoryMarshal.Cast<byte, ushort>(right);
        const int lanes = MostRowBytes / 4, halves = 2 * lanes;
        for (var m = 0; m < rows; m++)
        {
            for (var n = 0; n < columns; n++)
            {
                Span<float> parts = [0, 0];
                for (var k = 0; k < 2 * groups; k++)
                    parts[k % 2] = Flushed(MathF.FusedMultiplyAdd(Widened(a[(m * halves) + k]), Widened(b[(k / 2 * halves) + (2 * n) + (k % 2)]), parts[k % 2]));
                c[(m * lanes) + n] = Flushed(Flushed(c[(m * lanes) + n]) + Flushed(parts[0] + parts[1]));
            }
        }
    }

    private static float Widened(ushort bits) => Flushed(BitConverter.UInt32BitsToSingle((uint)bits << 16));

    private static float Flushed(float x) => float.IsSubnormal(x) ? MathF.CopySign(0, x) : x;
}
