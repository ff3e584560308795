# ruff: noqa
# fmt: off
"""Worked examples of the measures: plain numpy, one formula a line; run it in this folder."""

if __name__ == "__main__":
    # Worked examples: every printed number is meant to be usable as a unit test.
    import numpy as np, json
    np.set_printoptions(precision=10, suppress=True, linewidth=160)
    R={}
    def rec(k,v):
        v=np.round(np.array(v,dtype=float),10).tolist() if not isinstance(v,(str,dict)) else v
        R[k]=v; print(k,'=',v)

    # ---------- A. the common table: 3 regions x 3 industries ----------
    E=np.array([[60.,30.,10.],[20.,20.,60.],[20.,50.,30.]])   # rows regions A,B,C ; cols industries 1,2,3
    tot=E.sum(); Ei=E.sum(1); Ej=E.sum(0)
    s=E/Ei[:,None]            # industry share inside region
    S=Ej/tot                  # industry share in total
    x=Ei/tot                  # region share in total
    z=E/Ej                    # region share inside industry
    LQ=s/S
    rec('LQ',LQ)
    rec('krugman_vs_total',np.abs(s-S).sum(1))
    Srest=(Ej[None,:]-E)/(tot-Ei)[:,None]
    rec('krugman_vs_rest',np.abs(s-Srest).sum(1))
    rec('krugman_half_vs_total',0.5*np.abs(s-S).sum(1))
    rec('krugman_pair_AB',np.abs(s[0]-s[1]).sum()); rec('krugman_pair_AC',np.abs(s[0]-s[2]).sum()); rec('krugman_pair_BC',np.abs(s[1]-s[2]).sum())
    # mean of pairwise (Fan Jianyong-type regional mean of bilateral)
    P=np.array([[np.abs(s[i]-s[j]).sum() for j in range(3)] for i in range(3)])
    rec('krugman_mean_pairwise',P.sum(1)/2)
    rec('HHI_region',(s**2).sum(1)); rec('HHI_industry_conc',(z**2).sum(0))
    rec('hoover_spec',0.5*np.abs(s-S).sum(1)); rec('hoover_loc',0.5*np.abs(z-x[:,None]).sum(0))
    def unido(a,b): return (a*b).sum()/np.sqrt((a**2).sum()*(b**2).sum())
    rec('unido_AB',unido(s[0],s[1])); rec('unido_AC',unido(s[0],s[2])); rec('unido_BC',unido(s[1],s[2]))
    def gini_loc(zi,x):   # locational Gini from Lorenz ordered by LQ, weights x ; full triangle normalisation (max 1-min..)
        o=np.argsort(zi/x); X=np.r_[0,np.cumsum(x[o])]; Y=np.r_[0,np.cumsum(zi[o])]
        return 1-((X[1:]-X[:-1])*(Y[1:]+Y[:-1])).sum()
    rec('locgini_weighted',[gini_loc(z[:,k],x) for k in range(3)])
    def gini_lq(lq):  # REAT / Farhauer-Kroell: Gini of the LQs, unweighted
        l=np.sort(lq); n=len(l); return 2/(n**2*l.mean())*(np.arange(1,n+1)*(l-l.mean())).sum()
    rec('gini_of_LQ',[gini_lq(LQ[:,k]) for k in range(3)])
    rec('FK2013_gini_spec',gini_lq((np.array([700,600,500,10000,40000])/51800)/(np.array([30000,15000,10000,60000,50000])/165000)))
    rec('FK2013_gini_conc',gini_lq((np.array([500,500,1000,7000,1000])/10000)/(np.array([20000,15000,20000,40000,5000])/100000)))
    rec('entropy',-(s*np.log(s)).sum(1))
    # CR5
    v=np.array([30,20,12,8,6,5,5,4,4,3,3.]); rec('CR5',np.sort(v)[::-1][:5].sum()/v.sum())
    v1=np.array([30,20,12,8]); rec('CR5_only4_industries',np.sort(v1)[::-1][:5].sum()/v1.sum())

    # ---------- B. Ellison-Glaeser ----------
    plants=np.array([40.,30.,30.]); reg=np.array([0,0,1]); xr=np.array([.5,.5])
    zz=plants/plants.sum(); H=(zz**2).sum(); sreg=np.array([zz[reg==r].sum() for r in range(2)])
    G=((sreg-xr)**2).sum(); gam=(G-(1-(xr**2).sum())*H)/((1-(xr**2).sum())*(1-H))
    rec('EG_H',H); rec('EG_G',G); rec('EG_gamma',gam)
    # Farhauer/Kroell 2014 (REAT ellison.a) 0.05990628
    e=np.array([200,650,12000,100,50,16000,13000,1500,1500,25000.]); j=np.array([0]*5+[1]*4+[2]); Ej_=np.array([5e5,4e5,1e5])
    zz=e/e.sum(); H=(zz**2).sum(); sr=np.array([zz[j==k].sum() for k in range(3)]); xx=Ej_/Ej_.sum(); G=((sr-xx)**2).sum()
    rec('EG_FK2014',(G-(1-(xx**2).sum())*H)/((1-(xx**2).sum())*(1-H)))
    # E-G coagglomeration (EG 1997 eq.; group of I industries, plant data) : two industries x 2 regions
    def eg_coagg(plants,ind,reg,xr,w=None):
        plants=np.array(plants,float); ind=np.array(ind); reg=np.array(reg); xr=np.array(xr)
        I=np.unique(ind);
        tot=np.array([plants[ind==i].sum() for i in I]); w=tot/tot.sum() if w is None else np.array(w)
        s=np.array([[plants[(ind==i)&(reg==r)].sum() for r in range(len(xr))] for i in I])/tot[:,None]
        Hh=np.array([((plants[ind==i]/plants[ind==i].sum())**2).sum() for i in I])
        D=1-(xr**2).sum()
        Gi=((s-xr)**2).sum(1); g=(Gi-D*Hh)/(D*(1-Hh))
        G=(((w[:,None]*s).sum(0)-xr)**2).sum(); Hg=(w**2*Hh).sum()
        return (G/D-Hg-(g*w**2*(1-Hh)).sum())/(1-(w**2).sum()), g, G, Hg
    gc,g,G,Hg=eg_coagg([40,30,30,50,25,25],[0,0,0,1,1,1],[0,0,1,0,0,1],[.5,.5])
    rec('EGc_gamma_c',gc); rec('EGc_gamma_i',g); rec('EGc_G',G); rec('EGc_H',Hg)
    # pairwise simplification (Ellison-Glaeser-Kerr 2010): sum_m (s_im-x_m)(s_jm-x_m)/(1-sum x^2)
    s1=np.array([.7,.3]); s2=np.array([.75,.25]); rec('EGK_pair',((s1-.5)*(s2-.5)).sum()/(1-.5))
    # ---------- C. Chinese coagglomeration index ----------
    def coagg(a,b): return 1-abs(a-b)/(a+b), 1-abs(a-b)/(a+b)+abs(a+b)
    rec('theta(1.2,0.8)',coagg(1.2,.8)); rec('theta(0.2,0.2)',coagg(.2,.2)); rec('theta(2.0,1.0)',coagg(2,1))
    # ---------- D. coupling coordination ----------
    def ccd(u1,u2,a=.5,b=.5):
        C=2*np.sqrt(u1*u2)/(u1+u2); T=a*u1+b*u2; return C,T,np.sqrt(C*T)
    def ccd_mod(u1,u2,a=.5,b=.5):
        lo,hi=min(u1,u2),max(u1,u2); C=np.sqrt((1-(hi-lo))*lo/hi); T=a*u1+b*u2; return C,T,np.sqrt(C*T)
    rec('CCD(0.8,0.2)',ccd(.8,.2)); rec('CCDmod(0.8,0.2)',ccd_mod(.8,.2))
    rec('CCD(0.6,0.4)',ccd(.6,.4)); rec('CCDmod(0.6,0.4)',ccd_mod(.6,.4))
    rec('CCD_wrong_no2(0.8,0.2)',np.sqrt(.8*.2)/(1.0))
    rec('CCD_square_variant(0.8,0.2) C=(u1u2/((u1+u2)/2)^2)^2',((.8*.2)/((1/2)**2))**2)
    # n=3 systems
    u=np.array([.9,.6,.3]); rec('CCD3_C',3*np.prod(u)**(1/3)/u.sum())
    su=np.sort(u); d=sum(abs(su[i]-su[k]) for i in range(3) for k in range(i)); rec('CCD3_Cmod',np.sqrt((1-d/3)*np.prod(su/su.max())**(1/2)))
    # ---------- E. transfer measures ----------
    q0=np.array([50.,30.,20.]); q1=np.array([60.,60.,60.])  # industry k output by region, t0,t1
    sh0=q0/q0.sum(); sh1=q1/q1.sum()
    rec('share_change_pp',100*(sh1-sh0)); rec('rel_share_change',sh1/sh0-1)
    rec('counterfactual_transfer_amount',q1-q0*q1.sum()/q0.sum())
    rec('dyn_agg_index',(q1/q0-1)/(q1.sum()/q0.sum()-1))
    n=5; rec('dyn_agg_index_annual',((q1/q0)**(1/n)-1)/((q1.sum()/q0.sum())**(1/n)-1))
    rec('net_transfer_rate_half_abs',0.5*np.abs(sh1-sh0).sum())
    # LQ change decomposition / net of regional growth
    # relative-size-adjusted (share of industry minus share of all manufacturing)
    m0=np.array([100.,60.,40.]); m1=np.array([180.,110.,110.])
    rec('share_change_relative_to_manuf_pp',100*((sh1-sh0)-(m1/m1.sum()-m0/m0.sum())))
    # shift-share REAT region A
    a0=np.array([90,20,10,60.]); a1=np.array([100,40,10,55.]); n0=np.array([400,150,150,400.]); n1=np.array([440,210,135,480.])
    gN=n1.sum()/n0.sum()-1; gi=n1/n0-1; ga=a1/a0-1
    NG=a0*gN; IM=a0*(gi-gN); RS=a0*(ga-gi)
    rec('shiftshare_A_total',(a1-a0).sum()); rec('shiftshare_A_N,M,R',[NG.sum(),IM.sum(),RS.sum()]); rec('shiftshare_A_R_by_industry',RS)
    # Esteban-Marquillas
    h=a0.sum()*n0/n0.sum(); CE=h*(ga-gi); AE=(a0-h)*(ga-gi)
    rec('EM_competitive,allocation',[CE.sum(),AE.sum()]); rec('EM_homothetic',h)
    # spatial shift-share (Nazara & Hewings 2004): neighbours' growth as the middle reference for one region
    # IO-based transfer (2 regions, 1 sector each): x=B f ; transfer r<-s = B[r,s]*(f_s1 - f_s0)
    A0=np.array([[.2,.1],[.1,.3]]); B0=np.linalg.inv(np.eye(2)-A0); F0=np.array([[80.,20.],[10.,60.]]) # F[r,s]: final goods of r absorbed by s
    F1=np.array([[90.,30.],[12.,90.]])
    Q0=B0@F0; Q1=B0@F1; rec('IO_B',B0); rec('IO_output_by_destination_t0',Q0); rec('IO_transfer',Q1-Q0)
    # gravity centre shift & SDE
    xy=np.array([[0,0],[10,0],[0,10.]]);
    for nm,w in (('t0',q0),('t1',q1)): rec('centroid_'+nm,(w[:,None]*xy).sum(0)/w.sum())
    c0=(q0[:,None]*xy).sum(0)/q0.sum(); c1=(q1[:,None]*xy).sum(0)/q1.sum(); rec('centroid_shift_len',np.hypot(*(c1-c0)))
    # ---------- F. market segmentation (Parsley-Wei; Gui et al. 2006) ----------
    # 3 regions, adjacency A-B, B-C ; 2 goods; chained price indices (prev yr =100)
    P_=np.array([[102.,105.],[101.,103.],[104.,101.]])
    pairs=[(0,1),(1,2)]
    dq=np.array([[np.log(P_[i,k])-np.log(P_[j2,k]) for k in range(2)] for i,j2 in pairs])
    ab=np.abs(dq); qk=ab-ab.mean(0); rec('PW_absdQ',ab); rec('PW_q_demeaned',qk)
    var_pop=qk.var(1); var_s=qk.var(1,ddof=1); rec('PW_var_pair_pop',var_pop); rec('PW_var_pair_sample',var_s)
    rec('PW_region_index_pop',[var_pop[0],var_pop.mean(),var_pop[1]])
    # ---------- G. accessibility ----------
    T=np.array([[0,1.,2.],[1.,0,1.5],[2.,1.5,0]]); M=np.array([100.,50.,25.])
    off=~np.eye(3,dtype=bool)
    watt=np.array([sum(T[i,k]*M[k] for k in range(3) if k!=i)/sum(M[k] for k in range(3) if k!=i) for i in range(3)])
    rec('WATT_excl_self',watt); rec('WATT_incl_self_T0',(T*M).sum(1)/M.sum())
    rec('potential_a1_excl_self',[sum(M[k]/T[i,k] for k in range(3) if k!=i) for i in range(3)])
    rec('potential_a2_excl_self',[sum(M[k]/T[i,k]**2 for k in range(3) if k!=i) for i in range(3)])
    rec('daily_access_1.5h_pop',[sum(M[k] for k in range(3) if k!=i and T[i,k]<=1.5) for i in range(3)])
    # ---------- H. weights ----------
    def rs(W):
        r=W.sum(1,keepdims=True); return np.divide(W,r,out=np.zeros_like(W),where=r>0)
    W1=np.where(off,1/np.where(off,T,1),0); rec('W_invtime_raw',W1); rec('W_invtime_rowstd',rs(W1))
    W2=np.where(off,1/np.where(off,T,1)**2,0); rec('W_invtime2_rowstd',rs(W2))
    Wt=((T<=1.0)&off).astype(float); rec('W_thr1h',Wt)
    Wk=np.where(off,np.exp(-T/1.0),0); rec('W_exp(-t)',Wk); rec('W_exp_rowstd',rs(Wk))
    Wg=np.where(off,np.outer(M,M)/np.where(off,T,1)**2,0); rec('W_gravity_raw',Wg); rec('W_gravity_rowstd',rs(Wg))
    gdp=np.array([100.,80.,40.]); We=np.where(off,1/np.where(off,np.abs(gdp[:,None]-gdp[None]),1),0); rec('W_econ_absdiff_rowstd',rs(We))
    rec('W_invtime_maxeig_scaled',W1/np.max(np.abs(np.linalg.eigvals(W1)))); rec('W_invtime_eigs',np.sort(np.linalg.eigvals(W1).real))
    d=W1.sum(1); rec('W_invtime_spectral_sym',W1/np.sqrt(np.outer(d,d)))
    # ---------- I. Moran, LISA on 4-chain ----------
    W=np.zeros((4,4));
    for a_,b_ in ((0,1),(1,2),(2,3)): W[a_,b_]=W[b_,a_]=1
    Wr=rs(W); y=np.array([1.,2.,3.,6.]); zc=y-y.mean()
    I=(4/Wr.sum())*(zc@Wr@zc)/(zc@zc); rec('moran_I_rowstd',I); rec('moran_EI',-1/3)
    I_b=(4/W.sum())*(zc@W@zc)/(zc@zc); rec('moran_I_binary',I_b)
    rec('LISA_Ii_rowstd_m2n',zc*(Wr@zc)/((zc@zc)/4)); rec('LISA_Ii_rowstd_m2(n-1)',zc*(Wr@zc)/((zc@zc)/3))
    rec('moran_scatter_lag',Wr@zc); rec('geary_binary',(3/(2*W.sum()))*sum(W[i,k]*(y[i]-y[k])**2 for i in range(4) for k in range(4))/(zc@zc))
    # ---------- J. SDM effects on 3-chain ----------
    W=np.array([[0,1,0],[1,0,1],[0,1,0.]]); Wr=rs(W); rho,beta,theta=.4,1.,.5
    Sm=np.linalg.inv(np.eye(3)-rho*Wr)@(beta*np.eye(3)+theta*Wr); rec('SDM_S',Sm)
    D=np.trace(Sm)/3; Tt=Sm.sum()/3; rec('SDM_dir_ind_tot',[D,Tt-D,Tt]); rec('SDM_total_closed',(beta+theta)/(1-rho))
    Ss=np.linalg.inv(np.eye(3)-rho*Wr)*beta; D=np.trace(Ss)/3; Tt=Ss.sum()/3; rec('SAR_dir_ind_tot',[D,Tt-D,Tt])
    rec('SLX_dir_ind_tot',[beta,theta,beta+theta]); rec('SDEM_same_as_SLX',[beta,theta,beta+theta])
    # not row-standardised -> SLX indirect is theta*mean(rowsum)
    rec('SLX_indirect_binaryW',theta*W.sum()/3)
    # dynamic
    tau,eta=.3,.1
    sh=np.linalg.inv(np.eye(3)-rho*Wr)@(beta*np.eye(3)+theta*Wr)
    lg=np.linalg.inv((1-tau)*np.eye(3)-(rho+eta)*Wr)@(beta*np.eye(3)+theta*Wr)
    for nm,m in (('short',sh),('long',lg)):
        D=np.trace(m)/3; Tt=m.sum()/3; rec('DSDM_%s_dir_ind_tot'%nm,[D,Tt-D,Tt])
    rec('DSDM_stability tau+rho+eta',tau+rho+eta); rec('DSDM_long_total_closed',(beta+theta)/(1-tau-rho-eta))
    # order partition of SAR total by power of W
    parts=[]; Wp=np.eye(3)
    for q in range(5): parts.append([np.trace(rho**q*Wp)/3,(rho**q*Wp).sum()/3-np.trace(rho**q*Wp)/3]); Wp=Wp@Wr
    rec('SAR_partition_q0..4_[direct,indirect]',parts)
    # time-varying W: two years, effects per year then average
    WA=rs(np.array([[0,1,0],[1,0,1],[0,1,0.]])); WB=rs(np.array([[0,1,1],[1,0,1],[1,1,0.]]))
    ds=[]
    for w in (WA,WB):
        m=np.linalg.inv(np.eye(3)-rho*w)@(beta*np.eye(3)+theta*w); ds.append([np.trace(m)/3,m.sum()/3-np.trace(m)/3])
    rec('TVW_effects_yearA,B',ds); rec('TVW_effects_mean',np.mean(ds,0))
    # spatial DiD (SLX-DiD / SDM-DiD): ATT direct and ATT indirect
    Dv=np.array([1,0,0.]); rec('sDiD WD',WA@Dv); rec('sDiD SLX effect b=2,t=1',2*Dv+1*(WA@Dv))
    # ---------- K. distance bands ----------
    dist=np.array([[0,60,130],[60,0,90],[130,90,0.]])
    for lo,hi in ((0,100),(100,200)): rec('W_band_%d_%d'%(lo,hi),((dist>lo)&(dist<=hi)).astype(float))
    # ---------- L. spatial Markov ----------
    Y=np.array([[1,1,2],[2,2,1],[1,2,2.]]) # classes(region x time), region chain 0-1-2
    # ---------- M. Theil with between/within ----------
    g_=np.array([10.,20.,30.,40.]); p=np.array([1.,1,1,1]); grp=np.array([0,0,1,1])
    def theil(y,p): yb=y.sum()/p.sum(); sy=y/y.sum(); return (sy*np.log((y/p)/yb)).sum()
    Tt=theil(g_,p);
    Bt=sum((g_[grp==k].sum()/g_.sum())*np.log((g_[grp==k].sum()/p[grp==k].sum())/(g_.sum()/p.sum())) for k in (0,1))
    Wi=sum((g_[grp==k].sum()/g_.sum())*theil(g_[grp==k],p[grp==k]) for k in (0,1)); rec('theil_total,between,within',[Tt,Bt,Wi])
    # ---------- N. Duranton-Overman Kd, 3 points ----------
    dd=np.array([1.,2.,3.]); h_=1.0; r=2.0
    K=(np.exp(-.5*((r-dd)/h_)**2)/np.sqrt(2*np.pi)/h_).sum()/3; rec('DO_Kd(r=2,h=1)_noreflection',K)
    Kr=((np.exp(-.5*((r-dd)/h_)**2)+np.exp(-.5*((r+dd)/h_)**2))/np.sqrt(2*np.pi)/h_).sum()/3; rec('DO_Kd_with_reflection',Kr)
    # ---------- O. industrial gradient coefficient IGC = LQ * CP ----------
    rec('IGC',[1.5*0.8]);
    # ---------- P. within FE on 2x2 & LeeYu ----------
    # ---------- Q. seed arithmetic ----------
    rd=[3005.9,1859.9,1615.7,883.2]; rec('seed_RD_sum',sum(rd)); rec('seed_RD_share_of_24393.1',sum(rd)/24393.1)
    rec('seed_psrev_growth',30552/22062.37-1); rec('seed_psrev_cagr4',(30552/22062.37)**.25-1)
    rec('seed_zones_reduction',1-134/1059); rec('seed_2016_tertiary',[52.5-2.0,55.8-4.8,51.0-4.6])
    rec('anhui2020_tertiary_prelim',19824.2/38680.6)
    from math import radians,sin,cos,asin,sqrt
    def hav(a,b):
        la,lo,lb,lo2=map(radians,(a[0],a[1],b[0],b[1])); h=sin((lb-la)/2)**2+cos(la)*cos(lb)*sin((lo2-lo)/2)**2; return 2*6371.0088*asin(sqrt(h))
    SH=(31.2304,121.4737); HZ=(30.2741,120.1551); NJ=(32.0603,118.7969)
    rec('dist_SH_HZ,SH_NJ_haversine',[hav(SH,HZ),hav(SH,NJ)])
    # entropy weight
    X=np.array([[1.,4.],[2.,5.],[3.,3.]]); Zx=(X-X.min(0))/(X.max(0)-X.min(0)); Pm=(Zx+0.0001)/(Zx+0.0001).sum(0); e_=-(Pm*np.log(Pm)).sum(0)/np.log(3); rec('entropy_w',(1-e_)/(1-e_).sum()); rec('entropy_e',e_)
    # Dagum not included
    json.dump(R,open('worked_examples.json','w'),ensure_ascii=False,indent=1)
