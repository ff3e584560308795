# ruff: noqa
# fmt: off
"""Further worked examples: plain numpy, one formula a line; run it in this folder."""

if __name__ == "__main__":
    # extra checks: row-standardisation hides HSR growth; Moran with islands; unit-free LISA factor; LR test; delta vs simulation; bounds of rho
    import numpy as np
    np.set_printoptions(precision=6,suppress=True)
    def rs(W): r=W.sum(1,keepdims=True); return np.divide(W,r,out=np.zeros_like(W),where=r>0)
    # times (h) before/after an HSR opening that halves ALL times: row-std W identical
    T0=np.array([[np.inf,4,6],[4,np.inf,5],[6,5,np.inf]]); T1=T0/2
    W0,W1=1/T0,1/T1
    print('row-std identical after halving all times:',np.allclose(rs(W0),rs(W1)))
    l0=np.max(np.abs(np.linalg.eigvals(W0))); print('lambda_max base',l0,' common-scale W1/l0 rowsums',(W1/l0).sum(1),' W0/l0 rowsums',(W0/l0).sum(1))
    # rho bounds
    W=np.zeros((4,4));
    for a,b in ((0,1),(1,2),(2,3)): W[a,b]=W[b,a]=1
    e=np.linalg.eigvals(rs(W)).real; print('row-std chain eigen',np.sort(e),'rho in',(1/e.min(),1/e.max()))
    K=rs(np.ones((5,5))-np.eye(5)); e=np.linalg.eigvals(K).real; print('complete graph n=5 rho in',(1/e.min(),1/e.max()))
    d=np.array([[0,1,2,4],[1,0,1,3],[2,1,0,1],[4,3,1,0.]]); Wd=rs(np.where(d>0,1/np.where(d>0,d,1),0)); e=np.linalg.eigvals(Wd).real; print('inverse-distance rho in',(1/e.min(),1/e.max()))
    # Moran with an island
    W=np.zeros((4,4)); W[0,1]=W[1,0]=W[1,2]=W[2,1]=1; y=np.array([1.,2,3,6]); z=y-y.mean(); Wr=rs(W)
    print('Moran island, S0 counted',4/Wr.sum()*(z@Wr@z)/(z@z),'  islands dropped', (lambda y: (lambda z: 3/3*(z@Wr[:3,:3]@z)/(z@z))(y-y.mean()))(y[:3]))
    # within-/cross-province split adds up
    prov=np.array([0,0,1,1]); same=(prov[:,None]==prov[None]).astype(float)
    W=np.zeros((4,4));
    for a,b in ((0,1),(1,2),(2,3)): W[a,b]=W[b,a]=1
    print('W_in+W_out==W',np.allclose(W*same+W*(1-same),W),'cross links',(W*(1-same)).sum()/2)
    # log-det time varying: sum over t
    r=.4; print('logdet sum_t',sum(np.log(abs(np.linalg.det(np.eye(3)-r*w))) for w in (rs(np.array([[0,1,0],[1,0,1],[0,1,0.]])),rs(np.ones((3,3))-np.eye(3)))))
    # standard deviational ellipse hand example
    xy=np.array([[0,0],[4,0],[0,2],[4,2.]]); w=np.ones(4); c=(w[:,None]*xy).sum(0)/w.sum(); q=xy-c
    a=(w*q[:,0]**2).sum()-(w*q[:,1]**2).sum(); b=2*(w*q[:,0]*q[:,1]).sum(); th=np.arctan2(a+np.hypot(a,b),b) if b!=0 else (np.pi/2 if a>0 else 0)
    sx=np.sqrt((w*q[:,0]**2).sum()/w.sum()); sy=np.sqrt((w*q[:,1]**2).sum()/w.sum()); print('SDE centre',c,'sd x,y (no sqrt2)',sx,sy,'with sqrt2',sx*2**.5,sy*2**.5)
    # gravity link & weighted degree
    M=np.array([100.,50,25]); T=np.array([[0,1.,2],[1,0,1.5],[2,1.5,0]]); L=np.divide(np.outer(M,M),T**2,out=np.zeros((3,3)),where=T>0); print('gravity total link',L.sum(1))
    # Jenks k=2 on 6 numbers (exhaustive)
    x=np.array([1,2,3,10,11,12.]); best=min(range(1,6),key=lambda k:((x[:k]-x[:k].mean())**2).sum()+((x[k:]-x[k:].mean())**2).sum()); ssw=((x[:best]-x[:best].mean())**2).sum()+((x[best:]-x[best:].mean())**2).sum(); print('jenks k=2 split after',best,'GVF',1-ssw/((x-x.mean())**2).sum())
    # Mann-Kendall on 5 values
    v=[50.5,51.1,51.0,51.6,52.5]; S=sum(np.sign(v[j]-v[i]) for i in range(5) for j in range(i+1,5)); n=5; var=n*(n-1)*(2*n+5)/18; print('MK S',S,'var',var,'Z',(S-np.sign(S))/var**.5)
    # UNIDO at 3 sectors vs 2-digit
    a=np.array([.2,26.6,73.2]);b=np.array([4.4,43.1,52.5]);print('UNIDO 3-sector SH-JS (illustrative shares)',(a*b).sum()/np.sqrt((a*a).sum()*(b*b).sum()))
    # CAGR pitfalls
    print('growth base: 5 rates vs 4 rates', (1.095*1.075*1.087*1.082*1.018)**(1/5)-1,(1.075*1.087*1.082*1.018)**(1/4)-1)
