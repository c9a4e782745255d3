using Attune.Tensors.Kernels.Gemm.Grouped;

namespace Attune.Tensors.Emit;

/// <summary>Tiles made at run time for every number of rows, each at its first use and kept as long as the process lives.</summary>
/// <param name="name">The instructions they consist of.</param>
/// <param name="maxRows">The most rows of a tile.</param>
/// <param name="assemble">The code of a tile with a number of rows.</param>
/// <remarks>Thread-safe.</remarks>
internal sealed unsafe class VectorTiles(string name, int maxRows, Func<int, byte[]> assemble)
{
    private readonly Lock emitting = new();
    private readonly nint[] tiles = new nint[maxRows];
    private volatile bool areForbidden;

    /// <summary>Tiles of an instruction set, for this system.</summary>
    public VectorTiles(string name, VectorTileForm form, GroupKind kind)
        : this(name, form.MaxRows, rows => VectorTileCode.Assemble(form, kind, rows, OperatingSystem.IsWindows()))
    {
    }

    /// <summary>The instructions that the tiles consist of.</summary>
    public string Name => name;

    /// <summary>The most rows of a tile.</summary>
    public int MaxRows => maxRows;

    /// <summary>Whether the system allows code made at run time.</summary>
    public bool AreAllowed => Of(1) is not null;

    /// <summary>The tile with <paramref name="rows"/> rows; null if the system does not allow code made at run time.</summary>
    /// <exception cref="InsufficientMemoryException">The system allowed the tile of one row, but has no memory for this one.</exception>
    public delegate* unmanaged[SuppressGCTransition]<GroupTileArguments*, void> Of(int rows)
    {
        var tile = Volatile.Read(ref tiles[rows - 1]);
        return (delegate* unmanaged[SuppressGCTransition]<GroupTileArguments*, void>)(tile != 0 || areForbidden ? tile : Emit(rows));
    }

    private nint Emit(int rows)
    {
        lock (emitting)
        {
            if (tiles[rows - 1] == 0)
            {
                var tile = ExecutableMemory.Map(assemble(rows));
                if (tile is null && tiles[0] != 0)
                    throw new InsufficientMemoryException($"There is no memory for the machine code of a tile of {rows} rows.");
                areForbidden = tile is null;
                Volatile.Write(ref tiles[rows - 1], (nint)tile);
            }

            return tiles[rows - 1];
        }
    }
}
